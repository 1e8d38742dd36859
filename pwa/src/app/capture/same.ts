/** "Otro igual aquí": the same thing at the same place, without its photos and without anybody's data. Pure. */
import type { CaptureBody } from "./form.ts";

export function keepSame(body: CaptureBody): Partial<CaptureBody> {
  return {
    type: body.type,
    answers: body.answers,
    where: body.where,
    point: body.point,
    block: body.block,
    place: { ...body.place, pole: "" },
    urgent: body.urgent,
    danger: body.danger,
  };
}

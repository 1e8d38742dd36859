/** "Otro igual aquí": the same thing at the same place, without its photos and without anybody's data. Pure. */
import type { CaptureBody } from "./body.ts";

/** `saved` is the report that `body` has just become. */
export function keepSame(body: CaptureBody, saved: string): Partial<CaptureBody> {
  return {
    type: body.type,
    answers: body.answers,
    where: body.where,
    point: body.point,
    block: body.block,
    place: { ...body.place, pole: "" },
    urgent: body.urgent,
    danger: body.danger,
    besides: [...(body.besides ?? []), saved],
  };
}

import { expect, it } from "vitest";
import { blank } from "../../../src/app/capture/body.ts";
import { keepSame } from "../../../src/app/capture/same.ts";

it("keeps what and where, and nothing of the neighbour or of what was written", () => {
  const body = {
    ...blank(),
    type: "type:lamp",
    answers: { lamps: 2 },
    text: "frente a la escuela",
    for_whom: "neighbour" as const,
    consent: true,
    name: "Eva Ruiz",
    phone: "662 555 0199",
    where: "block" as const,
    block: "m-1",
    place: { street: "Sauce", pole: "P-77" },
    urgent: true,
    danger: false,
  };
  const kept = keepSame(body, "01a2");
  expect(kept).toEqual({
    type: "type:lamp",
    answers: { lamps: 2 },
    where: "block",
    point: null,
    block: "m-1",
    place: { street: "Sauce", pole: "" },
    urgent: true,
    danger: false,
    besides: ["01a2"],
  });
  expect(keepSame({ ...body, ...kept }, "01a3").besides).toEqual(["01a2", "01a3"]);
  expect(body.place.pole).toBe("P-77");
});

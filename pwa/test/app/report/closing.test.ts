/** What is said of a closing: the last that counts, in the catalogue's words, by whose order. */
import { expect, test } from "vitest";
import { closingOf } from "../../../src/app/report/closing.ts";
import { lackText } from "../../../src/app/report/lack.ts";
import type { Assignment, PetitionType, TimelineEntry } from "../../../src/shared/documents.ts";

const type = { closing: { codes: [{ value: "foco", text: "Se cambió el foco" }] } } as PetitionType;
const entry = (kind: string, at: number, more: object = {}) =>
  ({ event: `e${at}`, kind, at: `2026-11-2${at}T16:00:00.000Z`, role: "brigade", ...more }) as TimelineEntry;
const orders = [
  { agency: "luz", brigade: "luz-1", status: "returned" },
  { agency: "luz", brigade: "luz-2", status: "finished" },
] as Assignment[];

test("the last closing that counts, with what, who, when and from where", () => {
  const timeline = [
    entry("finished", 1, { payload: { done: "poste" } }),
    entry("reopened", 2),
    entry("finished", 3, {
      payload: {
        done: "foco",
        text: "Faltaba también la fotocelda",
        materials: [{ name: "Foco", quantity: 1 }],
      },
      position: { source: "gps", verdict: "far" },
    }),
    entry("finished", 4, { payload: { done: "poste" }, late: true }),
    entry("noted", 5),
  ];
  expect(closingOf(timeline, orders, type)).toEqual({
    kind: "finished",
    at: "2026-11-23T16:00:00.000Z",
    role: "brigade",
    done: "Se cambió el foco",
    text: "Faltaba también la fotocelda",
    materials: [{ name: "Foco", quantity: 1 }],
    verdict: "far",
    agency: "luz",
    brigade: "luz-2",
  });
});

test("a code no catalogue words is shown as it is, and nothing closed says nothing", () => {
  expect(closingOf([entry("finished", 1, { payload: { done: "a mano" } })], [], undefined)?.done).toBe(
    "a mano",
  );
  expect(closingOf([entry("started", 1)], orders, type)).toBeNull();
});

test("what is missing is the chosen sentence and one's own", () => {
  expect(lackText({ lack: "half", text: " Falta un foco " })).toBe("Quedó a medias. Falta un foco");
  expect([lackText({ lack: null, text: "x" }), lackText({ lack: null, text: " " })]).toEqual(["x", ""]);
});

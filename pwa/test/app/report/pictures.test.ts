/** Every photo stands once, on its side of the work. */
import { expect, test } from "vitest";
import { beforeAndAfter, picturesOf } from "../../../src/app/report/pictures.ts";
import type { LocalReport } from "../../../src/app/state/contract.ts";

type Pictured = Pick<LocalReport, "local_photos" | "evidence" | "timeline">;

const hash = (letter: string) => letter.repeat(64);
const report = {
  local_photos: [
    { id: "own-1", event: "e1", origin: "camera", state: "uploaded", sha256: hash("a") },
    { id: "own-2", event: "e1", origin: "camera", state: "saved", sha256: null },
    { id: "own-1-again", event: "e1", origin: "gallery", state: "ready", sha256: hash("a") },
  ],
  evidence: [
    { sha256: hash("a"), event: "e1", verdict: "ok" },
    { sha256: hash("b"), event: "e3", verdict: "pending" },
    { sha256: hash("c"), event: "e3", verdict: "refused" },
    { sha256: hash("d"), event: "e4", verdict: "ok" },
    { sha256: hash("e"), event: "e2", verdict: "ok" },
  ],
  timeline: [
    { event: "e1", kind: "captured" },
    { event: "e2", kind: "noted" },
    { event: "e3", kind: "finished" },
    { event: "e4", kind: "evidence_added", payload: { of: "e3" } },
  ],
} as unknown as Pictured;

test("one's own photo, which the municipality has as well, stands once and under the better word", () => {
  expect(picturesOf(report).map(({ id, words }) => [id, words])).toEqual([
    ["own-1", "verificada"],
    ["own-2", "preparando"],
    [hash("b"), "recibida, falta revisarla"],
    [hash("d"), "verificada"],
    [hash("e"), "verificada"],
  ]);
});

test("what the crew took, a late photo of theirs too, is after; all else is before", () => {
  const { before, after } = beforeAndAfter(report);
  expect(before.map(({ id }) => id)).toEqual(["own-1", "own-2", hash("e")]);
  expect(after.map(({ id }) => id)).toEqual([hash("b"), hash("d")]);
});

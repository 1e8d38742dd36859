/** What no server has: the numbers on the phone and every order to leave it ask the same. */
import { expect, it } from "vitest";
import {
  type Custody,
  isToGo,
  isUnsent,
  isUnsentPhoto,
  type PhotoState,
} from "../../../src/app/storage/custody.ts";

it("of events, what was saved and not received", () => {
  const all: Custody[] = ["saved", "received", "accepted", "refused", "quarantined", "freed"];
  expect(all.filter((custody) => isUnsent({ custody }))).toEqual(["saved"]);
});

it("of photos, what an act took and whose bytes can still go", () => {
  const all: PhotoState[] = ["saved", "ready", "uploaded", "verified", "refused", "broken"];
  expect(all.filter((state) => isToGo({ state }))).toEqual(["saved", "ready"]);
  expect(all.filter((state) => isUnsentPhoto({ state, event: "e" }))).toEqual(["saved", "ready"]);
  expect(all.filter((state) => isUnsentPhoto({ state, event: null }))).toEqual([]);
});

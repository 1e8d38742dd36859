import { expect, it } from "vitest";
import type { Actions, Readable } from "../../../src/app/state/contract.ts";
import * as state from "../../../src/app/state/index.ts";

it("exports every member of the contract by name", () => {
  // The assignment is the test: tsc refuses it where a member is missing or differs.
  const whole: Readable & Actions = state;
  expect(whole.boot.value.phase).toBe("starting");
});

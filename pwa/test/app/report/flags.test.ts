import { expect, it } from "vitest";
import { flagWords } from "../../../src/app/report/flags.ts";

it("says a flag in the shared table's words, and an unknown one as it is", () => {
  expect(flagWords("returned")).toBe("Lo devolvieron; hay que asignarlo de nuevo.");
  expect(flagWords("toString")).toBe("toString");
});

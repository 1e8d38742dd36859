import { describe, expect, test } from "vitest";
import { channelOf } from "../../../src/app/state/channels.ts";
import type { Role } from "../../../src/shared/documents.ts";

const ROLES: Role[] = ["block_leader", "sector_leader", "brigade", "civil_protection", "desk", "agency"];

describe("the channel of a capture", () => {
  test("is the author's role in the field", () => {
    expect(ROLES.map((role) => channelOf(undefined, role))).toEqual([
      "jefe-de-manzana",
      "jefe-de-cuartel",
      "brigada",
      "proteccion-civil",
      "ventanilla",
      "ventanilla",
    ]);
  });

  test("is what was chosen where something was", () => {
    for (const role of ROLES) expect(channelOf("072", role)).toBe("072");
  });

  test("is never the citizens' app by itself", () => {
    for (const role of ROLES) expect(channelOf(undefined, role)).not.toBe("app");
  });
});

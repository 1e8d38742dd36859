import { cases } from "@schemas/cases/semaforo.json";
import { expect, test } from "vitest";
import { type Due, semaforo } from "../../src/shared/semaforo.ts";
import { mismatch } from "../tables.ts";

test.each(cases)("$description", ({ given, expect: wanted }) => {
  const { now, timezone, ...due } = given as unknown as Due & { now: string; timezone: string };
  expect(mismatch(wanted, semaforo(due, new Date(now), timezone))).toBeNull();
});

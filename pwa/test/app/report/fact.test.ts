import { expect, it } from "vitest";
import { factLine } from "../../../src/app/report/fact.ts";
import { report as w } from "../../../src/app/words/report.ts";
import type { CaseRecord } from "../../../src/shared/generated/record.v1.d.ts";

type FactKind = NonNullable<CaseRecord["fact"]>["kind"];
/** Facts of a report's own history; tsc refuses a kind the schema does not have, and asks for a new one. */
const OF_REPORTS: Record<Exclude<FactKind, "report_joined" | "report_left">, true> = {
  folio: true,
  photo_verdict: true,
  photo_missing: true,
  redaction: true,
  month_closed: true,
  escalated: true,
  duplicate_joined: true,
  duplicate_left: true,
  reviewed: true,
  explained: true,
};

it("says the folio a report was given", () => {
  expect(factLine({ kind: "folio", payload: { folio: "SJ-000012" } })).toBe("Recibió el folio SJ-000012");
});

it("has a sentence of its own for every fact of a report", () => {
  const lines = Object.keys(OF_REPORTS).map((kind) => factLine({ kind, payload: {} }));
  expect(lines).not.toContain(w.fact.other);
  expect(new Set(lines).size).toBe(lines.length);
});

it("does not stumble over a fact of a later version", () => {
  expect(factLine({ kind: "dreamt", payload: {} })).toBe(w.fact.other);
  expect(factLine({ kind: "constructor" })).toBe(w.fact.other);
});

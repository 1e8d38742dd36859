// @vitest-environment happy-dom
import { expect, test, vi } from "vitest";
import { examine } from "../../../src/app/diagnosis/examine.ts";
import type { Storage } from "../../../src/app/state/contract.ts";
import { openPhone } from "../../../src/app/storage/phone.ts";
import { diagnosis as w } from "../../../src/app/words/diagnosis.ts";
import { freshStorage } from "../../phone.ts";

freshStorage();

const SAYS_NOTHING: Storage = { used: 0, quota: 0, persisted: null, nearly_full: false };

async function examined(storage = SAYS_NOTHING) {
  vi.stubGlobal("__VERSION__", "9.9.9");
  return examine(await openPhone(), null, storage);
}

test("what a browser never offers or never tells is no fault", async () => {
  const { checks } = await examined();
  const told = new Map(checks.map((check) => [check.id, check]));
  expect(told.get("background_sync")).toEqual({ id: "background_sync", ok: true, value: w.noBackground });
  expect(told.get("storage")).toEqual({ id: "storage", ok: true, value: w.unsaid });
  expect(told.get("persisted")).toEqual({ id: "persisted", ok: true, value: w.unsaid });
});

test("what the person can mend is marked, in words", async () => {
  const { checks, text } = await examined({ used: 98e6, quota: 100e6, persisted: false, nearly_full: true });
  const bad = checks.filter((check) => !check.ok).map((check) => check.id);
  expect(bad).toContain("storage");
  expect(bad).toContain("persisted");
  expect(text).toContain("✗ Espacio: 98.0 MB de 100 MB disponibles");
  expect(text).toContain("✗ Conservar los datos: no");
});

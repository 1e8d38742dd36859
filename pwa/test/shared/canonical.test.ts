import { cases } from "@schemas/cases/canonical.json";
import { expect, test } from "vitest";
import { canonical, sha256 } from "../../src/shared/canonical.ts";

test.each(cases)("$description", async ({ given, expect: wanted }) => {
  const { json } = given as { json: string };
  const {
    canonical: text,
    sha256: hash,
    error,
  } = wanted as { canonical?: string; sha256?: string; error?: true };
  if (error) {
    expect(() => canonical(JSON.parse(json))).toThrow();
    return;
  }
  const bytes = canonical(JSON.parse(json));
  expect(new TextDecoder().decode(bytes)).toBe(text);
  expect(await sha256(bytes)).toBe(hash);
});

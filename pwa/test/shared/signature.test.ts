/** The form that is signed here is the form the server verifies. */
import { cases } from "@schemas/cases/signature.json";
import { expect, test } from "vitest";
import { signEvent } from "../../src/app/sealer/sign.ts";
import { fromBase64Url } from "../../src/shared/base64.ts";
import { canonical, sha256 } from "../../src/shared/canonical.ts";
import type { Event } from "../../src/shared/documents.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;

async function verifies(key: JsonWebKey, event: Record<string, unknown>): Promise<boolean> {
  const { sig, _rev, ...signed } = event;
  try {
    const imported = await crypto.subtle.importKey("jwk", key, ALGORITHM, false, ["verify"]);
    if (typeof sig !== "string" || !/^[A-Za-z0-9_-]{86}$/.test(sig)) return false;
    const bytes = fromBase64Url(sig);
    return await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, imported, bytes, canonical(signed));
  } catch {
    return false;
  }
}

test.each(cases)("$description", async ({ given, expect: wanted }) => {
  const { key, event } = given as unknown as { key?: JsonWebKey; event: Event };
  const { verifies: right, prev } = wanted as { verifies?: boolean; prev?: string };
  if (key && right !== undefined) expect(await verifies(key, event as never)).toBe(right);
  if (prev !== undefined) {
    const { _rev, ...whole } = event as Event & { _rev?: string };
    expect(await sha256(canonical(whole))).toBe(prev);
  }
});

test("what this phone signs verifies under its public key", async () => {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  const { sig: _, ...unsigned } = (cases[0] as unknown as { given: { event: Event } }).given.event;
  const event = await signEvent(pair.privateKey, unsigned);
  const key = await crypto.subtle.exportKey("jwk", pair.publicKey);
  expect(await verifies(key, event as never)).toBe(true);
  expect(await verifies(key, { ...event, occurred_at: "2020-01-01T00:00:00.000Z" })).toBe(false);
});

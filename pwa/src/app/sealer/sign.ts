/** Signing with the device's key: ECDSA P-256 with SHA-256, r‖s, as WebCrypto gives it. */

import { toBase64Url } from "../../shared/base64.ts";
import { canonical } from "../../shared/canonical.ts";
import type { Event } from "../../shared/documents.ts";

const ALGORITHM = { name: "ECDSA", hash: "SHA-256" } as const;

export async function signBytes(key: CryptoKey, bytes: BufferSource): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, bytes)));
}

/** The event with its signature over everything else, `_id` included. */
export async function signEvent(key: CryptoKey, unsigned: Omit<Event, "sig">): Promise<Event> {
  return { ...unsigned, sig: await signBytes(key, canonical(unsigned)) };
}

/** A signature over a challenge's ASCII text renews a session. */
export async function signChallenge(key: CryptoKey, challenge: string): Promise<string> {
  return signBytes(key, new TextEncoder().encode(challenge));
}

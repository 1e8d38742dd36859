/**
 * The canonical form (RFC 8785) and its hash: the bytes that a signature, `prev` and a citizen's id cover.
 *
 * Law: two equal values give the same bytes, here and on the server.
 */
import canonicalize from "canonicalize";

const utf8 = new TextEncoder();

/** Canonical UTF-8 bytes of a JSON value. Throws TypeError for what JSON cannot say (NaN, a lone surrogate …). */
export function canonical(value: unknown): Uint8Array<ArrayBuffer> {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("the value has no JSON form");
  // String.isWellFormed is younger than Chrome 108; \p{Cs} with the u flag matches lone surrogates only.
  if (/\p{Cs}/u.test(text)) throw new TypeError("the value holds a lone surrogate");
  return utf8.encode(text);
}

/** Lower-case hex SHA-256. */
export async function sha256(bytes: BufferSource): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

export function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

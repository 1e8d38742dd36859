/**
 * The courier file: unsent text that a colleague's phone or the desk can hand in, and nobody on the way can read.
 *
 * Law: JSON Web Encryption in compact form (RFC 7516), ECDH-ES on P-256 to the municipality's key with A256GCM, as
 * docs/gateway.md lays it out. Making a file changes nothing on the phone: what it holds stays until the
 * municipality itself acknowledges it.
 */
import { toBase64Url } from "../../shared/base64.ts";
import type { Municipality } from "../../shared/documents.ts";
import { type AccountStore, readDocument } from "../storage/account.ts";
import { documentsOf, pending } from "../sync/push.ts";

const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;
const ENC = "A256GCM";
const utf8 = new TextEncoder();

/** The file, or null where nothing is unsent or the municipality has published no key. */
export async function makeCourierFile(db: AccountStore, now: Date): Promise<File | null> {
  const settings = await readDocument<Municipality>(db, "reference", "settings");
  const records = await pending(db);
  if (!settings?.courier_key || records.length === 0) return null;
  const text = await encrypt(JSON.stringify({ docs: documentsOf(records) }), settings.courier_key);
  return new File([text], `manzana-${now.toISOString().slice(0, 10)}.jwe`, { type: "application/jose" });
}

/** Whether a file looks like one of ours, before it is carried. */
export function isCourierFile(text: string): boolean {
  const parts = text.trim().split(".");
  return parts.length === 5 && parts[1] === "" && parts.every((part) => /^[A-Za-z0-9_-]*$/.test(part));
}

export async function encrypt(text: string, recipient: JsonWebKey): Promise<string> {
  const { kty, crv, x, y, kid } = recipient as JsonWebKey & { kid?: string };
  const theirs = await crypto.subtle.importKey("jwk", { kty, crv, x, y } as JsonWebKey, CURVE, false, []);
  const ours = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256);
  const epk = await crypto.subtle.exportKey("jwk", ours.publicKey);
  const header = {
    alg: "ECDH-ES",
    enc: ENC,
    typ: "manzana-courier.v1",
    ...(kid === undefined ? {} : { kid }),
    epk: { kty: epk.kty, crv: epk.crv, x: epk.x, y: epk.y },
  };
  const head = toBase64Url(utf8.encode(JSON.stringify(header)));
  const key = await crypto.subtle.importKey("raw", await concatKdf(secret), "AES-GCM", false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt(
      { name: "AES-GCM", iv, additionalData: utf8.encode(head) },
      key,
      await gzip(text),
    ),
  );
  // WebCrypto appends the 128-bit tag; JWE carries it apart (RFC 7516 §5.1).
  const cut = sealed.length - 16;
  return [
    head,
    "",
    toBase64Url(iv),
    toBase64Url(sealed.subarray(0, cut)),
    toBase64Url(sealed.subarray(cut)),
  ].join(".");
}

/** RFC 7518 §4.6.2, one round of SHA-256: AlgorithmID, empty PartyUInfo and PartyVInfo, 256 bits. */
async function concatKdf(secret: ArrayBuffer): Promise<ArrayBuffer> {
  const algorithm = utf8.encode(ENC);
  const number = (value: number): Uint8Array => new Uint8Array([0, 0, value >> 8, value & 255]);
  const parts = [
    number(1),
    new Uint8Array(secret),
    number(algorithm.length),
    algorithm,
    number(0),
    number(0),
    number(256),
  ];
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return crypto.subtle.digest("SHA-256", joined);
}

async function gzip(text: string): Promise<ArrayBuffer> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(packed).arrayBuffer();
}

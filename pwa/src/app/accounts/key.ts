/**
 * The device's key: made on the phone, never able to leave it.
 *
 * Law: a key that cannot be stored is no key: better a clear refusal at enrolment than work nobody can sign.
 */
import { deleteDB, openDB } from "idb";

export interface KeyPair {
  private_key: CryptoKey;
  public_key: JsonWebKey;
}

export async function makeKey(): Promise<KeyPair> {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, [
    "sign",
    "verify",
  ]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { private_key: pair.privateKey, public_key: { kty, crv, x, y } as JsonWebKey };
}

/**
 * Whether this browser keeps such a key: tried, not guessed. `storage_refused` where it keeps nothing at all,
 * `key_refused` where it keeps data but no key (some private modes), null where all is well.
 */
export async function tryStorage(): Promise<"storage_refused" | "key_refused" | null> {
  const name = "manzana-trial";
  try {
    const db = await openDB(name, 1, {
      upgrade(upgraded) {
        upgraded.createObjectStore("trial");
      },
    });
    try {
      await db.put("trial", new Uint8Array([1]).buffer, "bytes");
      try {
        const { private_key } = await makeKey();
        await db.put("trial", private_key, "key");
        const kept: unknown = await db.get("trial", "key");
        if (!(kept instanceof CryptoKey)) return "key_refused";
        await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, kept, new Uint8Array([1]));
        return null;
      } catch (error) {
        if (error instanceof DOMException || error instanceof TypeError) return "key_refused";
        throw error;
      }
    } finally {
      db.close();
      await deleteDB(name);
    }
  } catch (error) {
    if (error instanceof DOMException) return "storage_refused";
    throw error;
  }
}

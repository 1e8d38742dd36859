/**
 * The courier file: unsent work that a colleague's phone or the desk can hand in, and nobody on the way can read.
 *
 * Law: form and derivation as docs/gateway.md lays them out ("courier.v1"). Making a file takes nothing from the
 * phone: what it holds stays until the municipality itself acknowledges it. What is in a file can no longer be taken
 * back.
 */
import { fromBase64Url, toBase64Url } from "../../shared/base64.ts";
import type { Citizen, Event, Municipality } from "../../shared/documents.ts";
import { instant } from "../../shared/instants.ts";
import { type AccountStore, readDocument } from "../storage/account.ts";
import { documentsOf, offer } from "../sync/push.ts";

const SCHEMA = "courier.v1";
const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;
/** The server takes 48 MB; a file that a messaging app will pass on is far smaller. */
const PHOTO_BYTES = 24 * 1024 * 1024;
const utf8 = new TextEncoder();

export type CourierKey = JsonWebKey & { kid: string };

export interface CourierContent {
  docs: (Citizen | Event)[];
  photos: { sha256: string; type: string; event: string; data: string }[];
}

export interface CourierFile {
  schema: typeof SCHEMA;
  made_at: string;
  kid: string;
  epk: JsonWebKey;
  iv: string;
  ciphertext: string;
}

/** The file, or null where nothing is unsent or the municipality has published no key. */
export async function makeCourierFile(db: AccountStore, now: Date): Promise<File | null> {
  const settings = await readDocument<Municipality>(db, "reference", "settings");
  const key = settings?.courier_key as CourierKey | null | undefined;
  if (!key?.kid) return null;
  const content = await unsent(db);
  if (content.docs.length === 0 && content.photos.length === 0) return null;
  const file = await sealFor(content, key, instant(now));
  return new File([JSON.stringify(file)], `manzana-${file.made_at.slice(0, 10)}.json`, {
    type: "application/json",
  });
}

/** Sealed events no server has received, and photos not uploaded, urgent ones first. */
async function unsent(db: AccountStore): Promise<CourierContent> {
  const records = (await db.getAll("outbox"))
    .filter((record) => record.event)
    .sort((a, b) => (a.event?.device_seq ?? 0) - (b.event?.device_seq ?? 0));
  const events = new Map(records.map((record) => [record.uuid, record.id]));
  const ready = (await db.getAllFromIndex("photos", "state", "ready"))
    .filter((photo) => photo.event !== null && events.has(photo.event))
    .sort((a, b) => Number(b.urgent) - Number(a.urgent));
  const photos: CourierContent["photos"] = [];
  let total = 0;
  for (const photo of ready) {
    const bytes = await db.get("bytes", photo.id);
    total += bytes?.byteLength ?? 0;
    if (!bytes || total > PHOTO_BYTES) continue;
    photos.push({
      sha256: photo.sha256 ?? "",
      type: photo.type ?? "image/jpeg",
      event: events.get(photo.event ?? "") ?? "",
      data: toBase64(new Uint8Array(bytes)),
    });
  }
  const leaving = await offer(
    db,
    records.filter((record) => record.custody === "saved"),
  );
  return { docs: documentsOf(leaving), photos };
}

/** Whether a file looks like one of ours, before it is carried. */
export function isCourierFile(text: string): boolean {
  try {
    const file: unknown = JSON.parse(text);
    if (typeof file !== "object" || file === null) return false;
    const { schema, kid, iv, ciphertext } = file as Partial<CourierFile>;
    return schema === SCHEMA && [kid, iv, ciphertext].every((part) => typeof part === "string");
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

export async function sealFor(
  content: CourierContent,
  recipient: CourierKey,
  made_at: string,
): Promise<CourierFile> {
  const { kty, crv, x, y, kid } = recipient;
  const theirs = await crypto.subtle.importKey("jwk", { kty, crv, x, y } as JsonWebKey, CURVE, false, []);
  const ours = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256);
  const key = await contentKey(shared, kid, "encrypt");
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = utf8.encode(JSON.stringify(content));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: bound(kid, made_at) },
    key,
    plain,
  );
  const epk = await crypto.subtle.exportKey("jwk", ours.publicKey);
  return {
    schema: SCHEMA,
    made_at,
    kid,
    epk: { kty: epk.kty, crv: epk.crv, x: epk.x, y: epk.y } as JsonWebKey,
    iv: toBase64Url(iv),
    ciphertext: toBase64Url(new Uint8Array(sealed)),
  };
}

/** The other direction, which only the municipality's private key can take: proves the form in tests. */
export async function unsealWith(file: CourierFile, privateKey: CryptoKey): Promise<CourierContent> {
  const theirs = await crypto.subtle.importKey("jwk", file.epk, CURVE, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, privateKey, 256);
  const key = await contentKey(shared, file.kid, "decrypt");
  const plain = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: fromBase64Url(file.iv), additionalData: bound(file.kid, file.made_at) },
    key,
    fromBase64Url(file.ciphertext),
  );
  return JSON.parse(new TextDecoder().decode(plain)) as CourierContent;
}

const bound = (kid: string, made_at: string): Uint8Array<ArrayBuffer> =>
  utf8.encode(`${SCHEMA}.${kid}.${made_at}`);

async function contentKey(shared: ArrayBuffer, kid: string, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const info = utf8.encode(`${SCHEMA}\0${kid}`);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    [use],
  );
}

/** Standard base64 with padding (RFC 4648 §4). */
function toBase64(bytes: Uint8Array): string {
  const text = toBase64Url(bytes).replaceAll("-", "+").replaceAll("_", "/");
  return text + "=".repeat((4 - (text.length % 4)) % 4);
}

/** UUID version 7 (RFC 9562 §5.7): 48 bits of milliseconds, the rest random. */
import { hex } from "./canonical.ts";

export type Randomness = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

/** `at` in milliseconds since 1970; `random` fills ten bytes. */
export function uuid7(at: number, random: Randomness = (bytes) => crypto.getRandomValues(bytes)): string {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(Math.max(0, Math.floor(at))) << 16n);
  bytes.set(random(new Uint8Array(10)), 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const text = hex(bytes);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
}

/** The milliseconds since 1970 a uuid was made at; NaN where it is none. */
export function timeOf(uuid: string): number {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(uuid)
    ? Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16)
    : Number.NaN;
}

/** Subject and event uuid of an event id; throws where it is none. */
export function partsOfEventId(id: string): { subject: string; uuid: string } {
  const [kind, subject, uuid] = id.split(":");
  if (kind !== "event" || !subject || !uuid) throw new TypeError(`no event id: ${id}`);
  return { subject, uuid };
}

/**
 * The PIN: a screen lock between people who share a phone. Not encryption, and the manual says so.
 *
 * Law: wrong tries cost time, never data; a forgotten PIN is replaced by enrolling anew.
 */
import { fromBase64Url, toBase64Url } from "../../shared/base64.ts";
import type { Pin } from "../storage/phone.ts";

const ITERATIONS = 100_000;
/** Free tries before waiting, then 30 s doubling up to a quarter of an hour. */
const FREE_TRIES = 3;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 15 * 60_000;

export const isPin = (digits: string): boolean => /^[0-9]{4,8}$/.test(digits);

async function hash(digits: string, salt: Uint8Array<ArrayBuffer>): Promise<string> {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(digits), "PBKDF2", false, [
    "deriveBits",
  ]);
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS },
    key,
    256,
  );
  return toBase64Url(new Uint8Array(bits));
}

/** Throws RangeError for anything but four to eight digits. */
export async function makePin(digits: string): Promise<Pin> {
  if (!isPin(digits)) throw new RangeError("a PIN has four to eight digits");
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return { salt: toBase64Url(salt), hash: await hash(digits, salt), failures: 0, wait_until: null };
}

/** Milliseconds until a PIN is tried again. A clock set back locks nobody out for longer than the longest wait. */
export function waitLeft(until: string | null, now: number): number {
  const rest = until === null ? 0 : Date.parse(until) - now;
  return rest > 0 && rest <= LONGEST_WAIT_MS ? rest : 0;
}

/** Whether it opens, and the PIN's record to keep: failures count, success forgets them. */
export async function tryPin(pin: Pin, digits: string, now: number): Promise<{ open: boolean; pin: Pin }> {
  if (waitLeft(pin.wait_until, now) > 0) return { open: false, pin };
  const open = (await hash(digits, fromBase64Url(pin.salt))) === pin.hash;
  if (open) return { open, pin: { ...pin, failures: 0, wait_until: null } };
  const failures = pin.failures + 1;
  const over = failures - FREE_TRIES;
  const wait = over < 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(over, 10));
  return {
    open,
    pin: { ...pin, failures, wait_until: wait > 0 ? new Date(now + wait).toISOString() : null },
  };
}

/**
 * An account of this phone as screens see it. Pure.
 *
 * Law: unsent is exactly what no server has: events not received, photos not uploaded.
 */
import { isUnsent, isUnsentPhoto } from "../storage/custody.ts";
import type { AccountEntry } from "../storage/phone.ts";
import type { OutboxRecord, PhotoRecord } from "../storage/records.ts";
import type { AccountCard } from "./contract.ts";

export function cardOf(
  entry: AccountEntry,
  records: readonly OutboxRecord[],
  photos: readonly PhotoRecord[],
): AccountCard {
  const unsent = records.filter(isUnsent).length + photos.filter(isUnsentPhoto).length;
  return {
    account: entry.account,
    name: entry.name,
    role: entry.role,
    municipality: entry.municipality,
    has_pin: entry.pin !== null,
    pin_wait: entry.pin?.wait_until ?? null,
    unsent,
    needs_enrol: entry.needs_enrol,
    signed_out: entry.signed_out,
  };
}

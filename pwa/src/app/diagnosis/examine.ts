/**
 * Self-diagnosis: what someone at the office asks a person on the telephone, answered by the phone.
 *
 * Law: counts and facts of the device only: no citizen's data, no text of a report, no token, no key, no position.
 * What a browser never offers (Background Sync on iPhone) is told, and is no fault.
 */
import { type AccountStore, feedState, readMeta } from "../storage/account.ts";
import type { AccountEntry, PhoneStore } from "../storage/phone.ts";
import { common } from "../words/common.ts";
import { full } from "../words/dates.ts";
import { diagnosis as w } from "../words/diagnosis.ts";
import type { Check, Diagnosis, Storage } from "./checks.ts";
import { missingFeatures } from "./floor.ts";

/** The account in use. */
interface Open {
  entry: AccountEntry;
  db: AccountStore;
}

export async function examine(phone: PhoneStore, open: Open | null, storage: Storage): Promise<Diagnosis> {
  const at = new Date().toISOString();
  const missing = missingFeatures(globalThis);
  const worker = "serviceWorker" in navigator ? await navigator.serviceWorker.getRegistration() : undefined;
  const checks: Check[] = [
    { id: "version", ok: true, value: __VERSION__ },
    {
      id: "browser",
      ok: missing.length === 0,
      value: missing.length > 0 ? w.lacks(missing.join(", ")) : navigator.userAgent,
    },
    { id: "service_worker", ok: worker?.active !== undefined, value: worker?.active ? w.yes : w.no },
    {
      id: "background_sync",
      ok: true,
      value: worker && "sync" in worker ? w.yes : w.noBackground,
    },
    { id: "online", ok: navigator.onLine, value: navigator.onLine ? w.yes : w.no },
    {
      id: "storage",
      ok: !storage.nearly_full,
      value: storage.quota > 0 ? w.space(storage.used, storage.quota) : w.unsaid,
    },
    {
      id: "persisted",
      ok: storage.persisted !== false,
      value: storage.persisted === null ? w.unsaid : storage.persisted ? w.yes : w.no,
    },
    { id: "camera", ...(await permission("camera")) },
    { id: "geolocation", ...(await permission("geolocation")) },
    { id: "time_zone", ok: true, value: Intl.DateTimeFormat().resolvedOptions().timeZone },
    { id: "accounts", ok: true, value: String(await phone.count("accounts")) },
    { id: "carried", ok: true, value: String(await phone.count("couriers")) },
    ...(open ? await ofAccount(open) : []),
  ];
  const text = [
    `Manzana · ${at}`,
    ...checks.map(({ id, ok, value }) => `${ok ? "✓" : "✗"} ${w.checks[id]}: ${value}`),
  ].join("\n");
  return { at, checks, text };
}

async function ofAccount({ entry, db }: Open): Promise<Check[]> {
  const [key, session, chain, custody, last] = await Promise.all([
    readMeta(db, "key"),
    readMeta(db, "session"),
    readMeta(db, "chain"),
    readMeta(db, "custody"),
    readMeta(db, "last_success_at"),
  ]);
  const records = await db.getAll("outbox");
  const photos = await db.getAll("photos");
  const tally = (states: string[]): string =>
    [...new Set(states)]
      .map((state) => `${state}: ${states.filter((one) => one === state).length}`)
      .join(", ") || w.none;
  const skew = custody?.time && last ? Math.round((Date.parse(last) - Date.parse(custody.time)) / 1000) : 0;
  return [
    { id: "device", ok: key !== undefined, value: key?.device ?? w.noKey },
    { id: "enrolled", ok: !entry.needs_enrol, value: common.role[entry.role] },
    {
      id: "session",
      ok: session?.limited !== true,
      value: session ? (session.limited ? w.limited : w.yes) : w.no,
    },
    { id: "chain", ok: true, value: String(chain?.seq ?? 0) },
    { id: "outbox", ok: true, value: tally(records.map((record) => common.custody[record.custody])) },
    { id: "photos", ok: true, value: tally(photos.map((photo) => common.photo[photo.state])) },
    {
      id: "refused",
      ok: !records.some((r) => r.why),
      value:
        records
          .map((r) => r.why?.code)
          .filter(Boolean)
          .join(", ") || w.none,
    },
    {
      id: "mailbox",
      ok: (await feedState(db, "mailbox")).since !== null,
      value: String(await db.count(`mailbox-${(await feedState(db, "mailbox")).side}`)),
    },
    { id: "clock", ok: Math.abs(skew) < 120, value: w.seconds(skew) },
    { id: "last_success", ok: last !== undefined, value: last ? full(last) : w.never },
  ];
}

async function permission(name: string): Promise<Omit<Check, "id">> {
  try {
    const { state } = await navigator.permissions.query({ name: name as PermissionName });
    return { ok: state !== "denied", value: w.permission[state] };
  } catch (error) {
    // Not every browser tells of every permission.
    if (error instanceof Error) return { ok: true, value: w.unsaid };
    throw error;
  }
}

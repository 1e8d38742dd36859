/**
 * Self-diagnosis: what someone at the office asks a person on the telephone, answered by the phone.
 *
 * Law: counts and facts of the device only: no citizen's data, no text of a report, no token, no key, no position.
 */
import type { Diagnosis, Storage } from "../state/contract.ts";
import type { Current } from "../state/current.ts";
import { feedState, readMeta } from "../storage/account.ts";
import type { PhoneStore } from "../storage/phone.ts";
import { missingFeatures } from "./floor.ts";

type Check = Diagnosis["checks"][number];

export async function examine(phone: PhoneStore, open: Current | null, storage: Storage): Promise<Diagnosis> {
  const at = new Date().toISOString();
  const missing = missingFeatures(globalThis);
  const worker = "serviceWorker" in navigator ? await navigator.serviceWorker.getRegistration() : undefined;
  const checks: Check[] = [
    { id: "version", ok: true, value: __VERSION__ },
    { id: "browser", ok: missing.length === 0, value: missing.join(", ") || navigator.userAgent },
    { id: "service_worker", ok: worker?.active !== undefined, value: worker?.active?.state ?? "none" },
    {
      id: "background_sync",
      ok: worker !== undefined && "sync" in worker,
      value: worker && "sync" in worker ? "yes" : "no",
    },
    { id: "online", ok: navigator.onLine, value: String(navigator.onLine) },
    {
      id: "storage",
      ok: !storage.nearly_full,
      value: `${(storage.used / 1e6).toFixed(1)} MB / ${(storage.quota / 1e6).toFixed(0)} MB`,
    },
    { id: "persisted", ok: storage.persisted === true, value: String(storage.persisted) },
    { id: "camera", ...(await permission("camera")) },
    { id: "geolocation", ...(await permission("geolocation")) },
    { id: "time_zone", ok: true, value: Intl.DateTimeFormat().resolvedOptions().timeZone },
    { id: "accounts", ok: true, value: String(await phone.count("accounts")) },
    { id: "carried", ok: true, value: String(await phone.count("couriers")) },
    ...(open ? await ofAccount(open) : []),
  ];
  const text = [
    `Manzana · ${at}`,
    ...checks.map(({ id, ok, value }) => `${ok ? "✓" : "✗"} ${id}: ${value}`),
  ].join("\n");
  return { at, checks, text };
}

async function ofAccount({ entry, db }: Current): Promise<Check[]> {
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
      .map((state) => `${state} ${states.filter((one) => one === state).length}`)
      .join(", ") || "0";
  const skew = custody?.time && last ? Math.round((Date.parse(last) - Date.parse(custody.time)) / 1000) : 0;
  return [
    { id: "device", ok: key !== undefined, value: key?.device ?? "no key" },
    { id: "enrolled", ok: !entry.needs_enrol, value: entry.role },
    {
      id: "session",
      ok: session?.limited !== true,
      value: session ? (session.limited ? "limited" : "yes") : "none",
    },
    { id: "chain", ok: true, value: String(chain?.seq ?? 0) },
    { id: "outbox", ok: true, value: tally(records.map((record) => record.custody)) },
    { id: "photos", ok: true, value: tally(photos.map((photo) => photo.state)) },
    {
      id: "refused",
      ok: !records.some((r) => r.why),
      value:
        records
          .map((r) => r.why?.code)
          .filter(Boolean)
          .join(", ") || "0",
    },
    {
      id: "mailbox",
      ok: (await feedState(db, "mailbox")).since !== null,
      value: String(await db.count(`mailbox-${(await feedState(db, "mailbox")).side}`)),
    },
    { id: "clock", ok: Math.abs(skew) < 120, value: `${skew} s` },
    { id: "last_success", ok: last !== undefined, value: last ?? "never" },
  ];
}

async function permission(name: string): Promise<{ ok: boolean; value: string }> {
  try {
    const { state } = await navigator.permissions.query({ name: name as PermissionName });
    return { ok: state !== "denied", value: state };
  } catch (error) {
    // Not every browser tells of every permission.
    if (error instanceof Error) return { ok: true, value: "unknown" };
    throw error;
  }
}

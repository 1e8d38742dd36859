/**
 * The phone itself: settings, storage, files for colleagues, self-diagnosis.
 *
 * Law: what is shared for help holds no citizen's data, no token and no key.
 */
import { instant } from "../../shared/instants.ts";
import { uuid7 } from "../../shared/uuid7.ts";
import { seal } from "../sealer/sealer.ts";
import { ring } from "../storage/bell.ts";
import { readValue, writeValue } from "../storage/phone.ts";
import { Trouble } from "../sync/request.ts";
import type { Diagnosis, Settings } from "./contract.ts";
import { maybeAccount, theAccount, thePhone } from "./current.ts";
import { settings, storage } from "./phone.ts";

export async function readSettings(): Promise<void> {
  const kept = await readValue(thePhone(), "settings");
  if (kept) settings.value = { ...settings.value, ...kept };
}

export async function setSetting<K extends keyof Settings>(key: K, value: Settings[K]): Promise<void> {
  settings.value = { ...settings.value, [key]: value };
  await writeValue(thePhone(), "settings", settings.value);
  // What waited for a Wi-Fi may leave now.
  if (key === "photos") maybeAccount()?.syncing.kick();
}

const FEW_BYTES = 50 * 1024 * 1024;

export async function readStorage(): Promise<void> {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  const persisted = (await navigator.storage?.persisted?.()) ?? null;
  const free = quota - usage;
  storage.value = {
    used: usage,
    quota,
    persisted,
    nearly_full: quota > 0 && (free < FEW_BYTES || free < quota * 0.05),
  };
}

export async function persist(): Promise<boolean> {
  const granted = (await navigator.storage?.persist?.()) ?? false;
  await readStorage();
  return granted;
}

export async function dismissRefused(uuid: string): Promise<void> {
  const { entry, ledger } = theAccount();
  await ledger.dismiss(uuid);
  ring({ account: entry.account, what: "outbox" });
}

export async function courierFile(): Promise<File | null> {
  const { makeCourierFile } = await import("../courier/file.ts");
  const { db } = theAccount();
  // What was done a moment ago leaves with the rest.
  await seal(db, Date.now, true);
  return makeCourierFile(db, new Date());
}

/** Throws Trouble `courier_unreadable` for a file that is none of ours. */
export async function carry(file: Blob): Promise<void> {
  const { isCourierFile } = await import("../courier/file.ts");
  if (!isCourierFile(await file.text())) {
    throw new Trouble("courier_unreadable", "El archivo no es de esta aplicación o está dañado.");
  }
  const now = Date.now();
  await thePhone().put("couriers", {
    id: uuid7(now),
    bytes: await file.arrayBuffer(),
    carried_at: instant(now),
  });
  maybeAccount()?.syncing.kick();
}

export async function diagnose(): Promise<Diagnosis> {
  const { examine } = await import("../diagnosis/examine.ts");
  await readStorage();
  return examine(thePhone(), maybeAccount(), storage.value);
}

/**
 * What belongs to the phone and not to one account: who is on it, which account is in use, settings, and files
 * carried for colleagues.
 *
 * Law: an account leaves this list only when its store holds nothing unsent.
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Role } from "../../shared/documents.ts";

/** A screen lock, not encryption: salted PBKDF2 so that the digits are not lying in the store. */
export interface Pin {
  salt: string;
  hash: string;
  failures: number;
  /** Instant before which no try is taken. */
  wait_until: string | null;
}

export interface AccountEntry {
  account: string;
  name: string;
  role: Role;
  municipality: string;
  device: string;
  pin: Pin | null;
  needs_enrol: boolean;
  signed_out: boolean;
  added_at: string;
}

export interface CarriedFile {
  id: string;
  bytes: ArrayBuffer;
  carried_at: string;
}

/** An enrolment under way: its key is stored before its code is used. */
export interface Trial {
  proof: string;
  installation: string;
  private_key: CryptoKey;
  public_key: JsonWebKey;
}

export type PhotoChoice = "always" | "wifi";
export interface Settings {
  photos: PhotoChoice;
  large_text: boolean;
  high_contrast: boolean;
  theme: "auto" | "day" | "night";
  /** A new emergency is heard. */
  sound: boolean;
}

interface PhoneValues {
  active: string | null;
  settings: Settings;
  trial: Trial | null;
  /** Milliseconds of the device's clock when the running round last showed a sign of life. */
  heartbeat: number;
}

export interface PhoneSchema extends DBSchema {
  accounts: { key: string; value: AccountEntry };
  values: { key: string; value: PhoneValues[keyof PhoneValues] };
  couriers: { key: string; value: CarriedFile };
}

export type PhoneStore = IDBPDatabase<PhoneSchema>;

export const defaultSettings: Settings = {
  photos: "always",
  large_text: false,
  high_contrast: false,
  theme: "auto",
  sound: true,
};

export async function openPhone(): Promise<PhoneStore> {
  const store: PhoneStore = await openDB<PhoneSchema>("manzana", 1, {
    upgrade(db, from) {
      if (from < 1) {
        db.createObjectStore("accounts", { keyPath: "account" });
        db.createObjectStore("values");
        db.createObjectStore("couriers", { keyPath: "id" });
      }
    },
    blocking() {
      store.close();
    },
  });
  return store;
}

export async function readValue<K extends keyof PhoneValues>(
  db: PhoneStore,
  key: K,
): Promise<PhoneValues[K] | undefined> {
  return (await db.get("values", key)) as PhoneValues[K] | undefined;
}

export async function writeValue<K extends keyof PhoneValues>(
  db: PhoneStore,
  key: K,
  value: PhoneValues[K],
): Promise<void> {
  await db.put("values", value, key);
}

/** Changes an entry in one transaction; nothing where the account is not on the phone. */
export async function changeEntry(
  db: PhoneStore,
  account: string,
  change: (entry: AccountEntry) => AccountEntry,
): Promise<void> {
  const tx = db.transaction("accounts", "readwrite");
  const entry = await tx.store.get(account);
  if (entry) await tx.store.put(change(entry));
  await tx.done;
}

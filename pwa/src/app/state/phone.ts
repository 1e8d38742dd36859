/**
 * What is the phone's own, whoever uses it: how far the app has come, who is on it, settings, room, line and network.
 *
 * Law: nothing here is one person's. The one module of this room, besides `current.ts`, that keeps anything in itself.
 */
import { signal } from "@preact/signals";
import { defaultSettings } from "../storage/phone.ts";
import type { AccountCard, Boot, Settings, Storage } from "./contract.ts";

export const boot = signal<Boot>({ phase: "starting" });
export const accounts = signal<AccountCard[]>([]);
/** Accounts had been on this phone, and the system has thrown all of them away. */
export const all_lost = signal(false);
export const settings = signal<Settings>(defaultSettings);
export const storage = signal<Storage>({ used: 0, quota: 0, persisted: null, nearly_full: false });
export const online = signal(typeof navigator === "object" ? navigator.onLine !== false : true);
/** The Network Information API's `type`; undefined where the browser hides it. */
export const network = signal<string | undefined>(undefined);
export const update_waiting = signal(false);
export const now = signal(new Date());

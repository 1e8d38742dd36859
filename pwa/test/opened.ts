/** An account open in memory, with a municipality at the other end of its line and the phone in the test's hand. */
import { type Signal, signal } from "@preact/signals";
import { afterEach, beforeEach, vi } from "vitest";
import { type Account, openAccount, type Surroundings } from "../src/app/state/account.ts";
import type { PhotoWait } from "../src/app/state/contract.ts";
import { tenancy } from "../src/app/state/current.ts";
import { Life } from "../src/app/state/life.ts";
import { openPhone } from "../src/app/storage/phone.ts";
import type { Role } from "../src/shared/documents.ts";
import { Municipality } from "./municipality.ts";
import { enrolledPhone, freshStorage } from "./phone.ts";

export interface Opened {
  account: Account;
  city: Municipality;
  online: Signal<boolean>;
  network: Signal<string | undefined>;
  photoWait: Signal<PhotoWait>;
}

export interface Opening {
  role?: Role;
  city?: Municipality;
  online?: boolean;
  around?: Partial<Surroundings>;
  hash?: string;
}

const known: { close(): void }[] = [];

/** Gives each test its own storage, and leaves nobody on the phone. Call at the top of a test file. */
export function freshPhone(): void {
  beforeEach(() => vi.stubGlobal("navigator", { userAgent: "test", onLine: true }));
  afterEach(async () => {
    tenancy.open.value = null;
    for (const one of known.splice(0)) one.close();
    vi.unstubAllGlobals();
  });
  freshStorage();
}

/** Enrols where it has not been, and opens. Its line is the city's; nothing is sent before `begin`. */
export async function opened(name = "lupita", opening: Opening = {}): Promise<Opened> {
  const { role = "block_leader", city = new Municipality(), around = {}, hash = "#/" } = opening;
  const phone = await openPhone();
  if (!(await phone.get("accounts", name))) {
    const enrolled = await enrolledPhone(name, city.token);
    enrolled.db.close();
    enrolled.phone.close();
    await phone.put("accounts", {
      account: name,
      name,
      role,
      municipality: "valle",
      device: enrolled.device,
      pin: null,
      needs_enrol: false,
      signed_out: false,
      added_at: enrolled.said(),
    });
  }
  const entry = (await phone.get("accounts", name)) as NonNullable<Awaited<ReturnType<typeof phone.get>>>;
  const online = signal(opening.online ?? true);
  const network = signal<string | undefined>(undefined);
  const photoWait = signal<PhotoWait>("nothing");
  const account = await openAccount(
    entry as Parameters<typeof openAccount>[0],
    {
      phone,
      line: city.line,
      mill: async () => ({ done: false, code: "none", message: "" }) as never,
      online,
      network,
      photoWait,
      storage: signal({ used: 1, quota: 2, persisted: null, nearly_full: false }),
      firstScreen: () => undefined,
      drawn: async () => undefined,
      breathe: async () => undefined,
      leave: async () => undefined,
      ...around,
    },
    hash,
  );
  known.push(account, phone);
  return { account, city, online, network, photoWait };
}

/** Puts it in the place of who was here. */
export async function enter(one: Opened): Promise<Account> {
  await tenancy.enter(async () => one.account);
  return one.account;
}

/** Waits for a state, however busy the machine is. */
export const until = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 30_000, interval: 5 });

/** A life that ends with the test. */
export function living(): Life {
  const life = new Life();
  known.push({ close: () => life.end() });
  return life;
}

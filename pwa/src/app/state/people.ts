/**
 * Who uses this phone: enrolling, switching, the PIN, leaving.
 *
 * Law: none of this drops unsent work. An account that leaves stays in the list with what it still holds, and any
 * session on the phone goes on delivering it.
 */

import type { Proof } from "../accounts/enrol.ts";
import { makePin, tryPin } from "../accounts/pin.ts";
import { seal } from "../sealer/sealer.ts";
import { type AccountStore, openStore, readMeta } from "../storage/account.ts";
import { ring } from "../storage/bell.ts";
import { durably } from "../storage/durability.ts";
import { holdsWork } from "../storage/holding.ts";
import { type AccountEntry, changeEntry, readValue, writeValue } from "../storage/phone.ts";
import { ask, browserLine } from "../sync/request.ts";
import { askAs } from "../sync/session.ts";
import { cardOf } from "./card.ts";
import type { AccountCard, DemoAccount } from "./contract.ts";
import { maybeAccount, theAccount, thePhone } from "./current.ts";
import { remember } from "./evicted.ts";
import { moveOn, useAccount } from "./opening.ts";
import { accounts, boot } from "./phone.ts";

/** Reads who is on the phone, with what each still holds. */
export async function readAccounts(): Promise<void> {
  const entries = await thePhone().getAll("accounts");
  const open = maybeAccount();
  const cards: AccountCard[] = [];
  for (const entry of entries.sort((a, b) => a.added_at.localeCompare(b.added_at))) {
    cards.push(await readCard(entry, open?.entry.account === entry.account ? open.db : null));
  }
  accounts.value = cards;
  const mine = cards.find((card) => card.account === open?.entry.account);
  if (open && mine) open.card.value = mine;
  // Another tab has obeyed an order to wipe it.
  if (open && !mine && maybeAccount() === open) await moveOn();
  remember(entries.map((entry) => entry.account));
}

async function readCard(entry: AccountEntry, open: AccountStore | null): Promise<AccountCard> {
  const db = open ?? (await openStore(entry.account));
  try {
    return cardOf(entry, await db.getAll("outbox"), await db.getAll("photos"));
  } finally {
    if (!open) db.close();
  }
}

async function enrolled(proof: Proof): Promise<void> {
  const { enrol: enrolWith } = await import("../accounts/enrol.ts");
  const entry = await enrolWith(thePhone(), browserLine, proof, __VERSION__, Date.now());
  await useAccount(entry);
  await readAccounts();
  ring({ account: entry.account, what: "accounts" });
}

/** Codes are read out and typed in groups: only the digits count. */
export function enrol(code: string): Promise<void> {
  return enrolled({ code: code.replace(/\D/g, "") });
}

export function enrolPassword(username: string, password: string): Promise<void> {
  return enrolled({ username: username.trim(), password });
}

export async function demoAccounts(): Promise<DemoAccount[]> {
  try {
    const { accounts: list } = await ask<{ accounts: DemoAccount[] }>(browserLine, "/api/demo");
    return Array.isArray(list) ? list : [];
  } catch (error) {
    // No demonstration, or no signal: the screen asks for a code.
    if (error instanceof Error) return [];
    throw error;
  }
}

export async function enrolDemo(id: string): Promise<void> {
  const { code } = await ask<{ code: string }>(browserLine, "/api/demo/code", { body: { account: id } });
  await enrol(code);
}

export function issueCode(id: string): Promise<{ code: string; url: string; expires_at: string }> {
  const { db, line } = theAccount();
  return askAs(db, line, "/api/codes", { body: { account: id } });
}

/** Whether the digits open the account; wrong tries are kept. */
async function opens(id: string, digits: string | undefined): Promise<boolean> {
  const entry = await thePhone().get("accounts", id);
  if (!entry || entry.signed_out) return false;
  if (entry.pin === null) return true;
  if (digits === undefined) return false;
  const tried = await tryPin(entry.pin, digits, Date.now());
  await changeEntry(thePhone(), id, (held) => ({ ...held, pin: tried.pin }));
  // How long to wait stands with the account.
  if (!tried.open) await readAccounts();
  return tried.open;
}

export async function switchAccount(id: string, pin?: string): Promise<boolean> {
  if (!(await opens(id, pin))) return false;
  const entry = await thePhone().get("accounts", id);
  if (!entry) return false;
  await writeValue(thePhone(), "active", id);
  await useAccount(entry);
  await readAccounts();
  return true;
}

export async function unlock(pin: string): Promise<boolean> {
  const open = await opens(theAccount().entry.account, pin);
  if (open) boot.value = { phase: "ready" };
  return open;
}

export function lock(): void {
  if (maybeAccount()?.card.value?.has_pin) boot.value = { phase: "locked" };
}

export async function setPin(digits: string | null): Promise<void> {
  const pin = digits === null ? null : await makePin(digits);
  await changeEntry(thePhone(), theAccount().entry.account, (entry) => ({ ...entry, pin }));
  await readAccounts();
}

/** Stores of what came from the municipality. */
const RECEIVED = [
  "mailbox-a",
  "mailbox-b",
  "reference-a",
  "reference-b",
  "rows",
  "seen",
  "pictures",
  "picture-bytes",
] as const;

/**
 * Seals what can be sealed, then gives up key, session and everything received; the outbox, its photos and the drafts
 * stay. Where something is still to be sent, confirmed or backed up, the key stays too, to hand it over and for nothing
 * else; see `sync/handover.ts`.
 */
export async function signOut(): Promise<void> {
  const { entry, db, grinder } = theAccount();
  await grinder.finish();
  await seal(db, Date.now, true);
  await endSession(db);
  const holds = await holdsWork(db);
  await durably(db, ["meta", ...RECEIVED], async (tx) => {
    for (const name of RECEIVED) await tx.objectStore(name).clear();
    const meta = tx.objectStore("meta");
    await meta.delete("session");
    await meta.delete("feed:mailbox");
    await meta.delete("feed:reference");
    await meta.delete("preview");
    if (holds) await meta.put(true, "leaving");
    else await meta.delete("key");
  });
  await changeEntry(thePhone(), entry.account, (held) => ({ ...held, signed_out: true, needs_enrol: true }));
  await moveOn();
  await readAccounts();
  ring({ account: entry.account, what: "accounts" });
}

async function endSession(db: AccountStore): Promise<void> {
  const session = await readMeta(db, "session");
  if (!session) return;
  try {
    await ask(browserLine, "/api/session", { method: "DELETE", token: session.token, patience: 4_000 });
  } catch (error) {
    // Without signal the session ends by its own time; the token leaves the phone in any case.
    if (!(error instanceof Error)) throw error;
  }
}

export async function activeEntry(): Promise<AccountEntry | null> {
  const entries = await thePhone().getAll("accounts");
  const wanted = await readValue(thePhone(), "active");
  const usable = entries.filter((entry) => !entry.signed_out);
  return usable.find((entry) => entry.account === wanted) ?? usable[0] ?? null;
}

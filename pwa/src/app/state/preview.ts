/**
 * The first screen as it last stood, kept so that a start draws it before thousands of rows are read.
 *
 * Law: a preview is never the truth. It is shown only where all its rows were made from stands as it did (the app's
 * version, both feeds' checkpoints, what was looked at, every act of the outbox with its custody); any page of the
 * mailbox deletes it in its own transaction; and it gives way to the rows right after the first frame.
 */
import type { Role } from "../../shared/documents.ts";
import { type AccountStore, feedState } from "../storage/account.ts";
import type { FeedState, Meta, OutboxRecord, Preview } from "../storage/records.ts";
import { maybeAccount } from "./current.ts";
import { loaded, preview, rows } from "./signals.ts";

/** Raised when rows or lists are made another way than before. */
const FORMAT = 3;
/** Nothing changes for this long before a preview is written, and again before it is believed: bells ring within it. */
const QUIET_MS = 700;

interface Ground {
  mailbox: FeedState;
  reference: FeedState;
  /** Versions looked at: they are only ever added or raised, so their number and sum change with each. */
  seen: readonly number[];
  outbox: readonly OutboxRecord[];
}

/** All that the rows on screen are made from, in a few letters; null before a first pull is complete. */
export function stampOf({ mailbox, reference, seen, outbox }: Ground): string | null {
  if (mailbox.since === null) return null;
  return JSON.stringify([
    FORMAT,
    __VERSION__,
    [mailbox.side, mailbox.since, reference.side, reference.since],
    [seen.length, seen.reduce((sum, version) => sum + version, 0)],
    outbox.map(({ uuid, custody, admission }) => [uuid, custody, admission ?? null]),
  ]);
}

async function groundOf(db: AccountStore): Promise<Ground> {
  const [mailbox, reference, seen, outbox] = await Promise.all([
    feedState(db, "mailbox"),
    feedState(db, "reference"),
    db.getAll("seen"),
    db.getAll("outbox"),
  ]);
  return { mailbox, reference, seen, outbox };
}

const isHome = (hash: string): boolean => /^#?\/?$/.test(hash);

/** The lists kept for this account, or null where they may differ from what its rows would say. */
export async function readPreview(db: AccountStore, role: Role, hash: string): Promise<Preview | null> {
  if (!isHome(hash)) return null;
  const [kept, ground] = await Promise.all([db.get("meta", "preview"), groundOf(db)]);
  const { role: of, stamp, lists } = (kept ?? {}) as Partial<Meta["preview"]>;
  return lists && of === role && stamp === stampOf(ground) ? lists : null;
}

/**
 * Keeps `lists` where nothing changed during `pause`, in the store as in memory (`isQuiet`): rows and store are then
 * of one moment. True where it did.
 */
export async function keepPreview(
  db: AccountStore,
  role: Role,
  lists: () => Preview,
  pause: () => Promise<void>,
  isQuiet: () => boolean,
): Promise<boolean> {
  const before = stampOf(await groundOf(db));
  await pause();
  if (before === null || !isQuiet()) return false;
  const made = lists();
  const tx = db.transaction(["meta", "outbox", "seen"], "readwrite", { durability: "relaxed" });
  const meta = tx.objectStore("meta");
  const [mailbox, reference, seen, outbox] = await Promise.all([
    meta.get("feed:mailbox") as Promise<FeedState | undefined>,
    meta.get("feed:reference") as Promise<FeedState | undefined>,
    tx.objectStore("seen").getAll(),
    tx.objectStore("outbox").getAll(),
  ]);
  const now = mailbox && reference ? stampOf({ mailbox, reference, seen, outbox }) : null;
  const same = now === before;
  if (same) await meta.put({ role, stamp: before, lists: made }, "preview");
  await tx.done;
  return same;
}

type Make = (all: typeof rows.value) => Preview;
/** A phone may hold a brigade's account and a leader's: each has its own first screen. */
const makers = new Map<Role, Make>();
let turn = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** A first screen says how its lists are made of rows. */
export function previewWith(roles: readonly Role[], lists: Make): void {
  for (const role of roles) makers.set(role, lists);
}

/** After anything changed: keeps a preview as soon as it has been quiet. */
export function previewSoon(): void {
  turn += 1;
  const mine = turn;
  clearTimeout(timer);
  timer = setTimeout(() => void soon(mine), QUIET_MS);
}

async function soon(mine: number): Promise<void> {
  const open = maybeAccount();
  const lists = open && makers.get(open.entry.role);
  if (!open || !lists || !loaded.peek()) return;
  const quiet = () => new Promise<void>((resolve) => setTimeout(resolve, QUIET_MS));
  try {
    await keepPreview(
      open.db,
      open.entry.role,
      () => lists(rows.peek()),
      quiet,
      () => mine === turn && maybeAccount() === open,
    );
  } catch (error) {
    // The store was closed under it by a switch of accounts.
    if (!(error instanceof DOMException)) throw error;
  }
}

export function forgetPreview(): void {
  turn += 1;
  preview.value = null;
}

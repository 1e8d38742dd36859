/**
 * The first screen as it last stood, kept so that a start draws it before thousands of rows are read.
 *
 * Law: a preview is never the truth. It is shown only where all its rows were made from stands as it did (the app's
 * version, both feeds' checkpoints, what was looked at, every act of the outbox with its custody); any page of the
 * mailbox deletes it in its own transaction; and it gives way to the rows right after the first frame.
 */
import { signal } from "@preact/signals";
import type { Role } from "../../shared/documents.ts";
import { type AccountStore, feedState } from "../storage/account.ts";
import type { FeedState, Meta, OutboxRecord, Preview } from "../storage/records.ts";
import type { ReportRow } from "../storage/shown.ts";
import type { Life } from "./life.ts";
import type { Listing } from "./listing.ts";

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

/** How a first screen makes its lists of rows. */
export type Make = (all: readonly ReportRow[]) => Preview;

export interface FirstScreenAround {
  db: AccountStore;
  life: Life;
  role: Role;
  listing: () => Listing;
  /** None before the first screen's code has been loaded. */
  make: () => Make | undefined;
}

/** The preview of an account's first screen: what was kept is shown, and kept again when it has been quiet. */
export class FirstScreen {
  readonly kept = signal<Preview | null>(null);
  #turn = 0;
  #cancel = (): void => undefined;

  constructor(readonly around: FirstScreenAround) {}

  async read(hash: string): Promise<Preview | null> {
    return readPreview(this.around.db, this.around.role, hash);
  }

  /** After anything changed: keeps a preview as soon as it has been quiet. */
  soon(): void {
    const { life } = this.around;
    this.#turn += 1;
    const mine = this.#turn;
    this.#cancel();
    this.#cancel = life.after(QUIET_MS, () => life.spawn(() => this.#keep(mine)));
  }

  async #keep(mine: number): Promise<void> {
    const { db, life, role, make, listing } = this.around;
    const lists = make();
    const { rows, loaded } = listing();
    if (!lists || !loaded.peek()) return;
    await keepPreview(
      db,
      role,
      () => lists(rows.peek()),
      () => new Promise<void>((resolve) => void life.after(QUIET_MS, resolve)),
      () => mine === this.#turn && !life.isOver,
    );
  }
}

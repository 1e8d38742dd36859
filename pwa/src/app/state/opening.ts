/**
 * Opening an account: from its store to the screens, the list first.
 *
 * Law: what a person needs to begin is read first (outbox, catalogue, a preview of the list where one is known to hold,
 * else the rows), everything else after the first frame. Nothing here waits for the network; news and acts wait for
 * the rows.
 */
import { batch } from "@preact/signals";
import { feedState, openAccount, readMeta } from "../storage/account.ts";
import { onRing, type Ring } from "../storage/bell.ts";
import { type AccountEntry, changeEntry } from "../storage/phone.ts";
import { cardOf } from "./card.ts";
import { type Current, maybeAccount, setCurrent, thePhone } from "./current.ts";
import { forgetFeeds, readChanged, readHeavy, readLight } from "./feeds.ts";
import { forgetOutbox, outboxPhotos, outboxRecords, readOutbox } from "./ledger.ts";
import {
  busySubjects,
  fetchRows,
  forgetRows,
  readReports,
  readRows,
  rowsComing,
  rowsRead,
} from "./listing.ts";
import { refreshPictures, tendPictures } from "./photos.ts";
import { forgetPreview, previewSoon, readPreview } from "./preview.ts";
import { buildIndex, forgetIndex, indexReports } from "./searching.ts";
import { account, boot, drafts, municipality, preview, tellSync } from "./signals.ts";
import { resetSyncing } from "./syncing.ts";
import { keepZone, readZone } from "./zone.ts";

export function closeAccount(): void {
  batch(() => {
    setCurrent(null, null);
    forgetFeeds();
    forgetRows();
    forgetPreview();
    forgetOutbox();
    forgetIndex();
    drafts.value = [];
  });
}

/** Opens an account's store and fills the screens from it. */
export async function useAccount(entry: AccountEntry): Promise<void> {
  // What another person looked at is not left on the phone for this one.
  const before = maybeAccount();
  if (before && before.entry.account !== entry.account) await before.pictures.empty();
  closeAccount();
  const db = await openAccount(entry.account);
  const [key, mailbox, last, session] = await Promise.all([
    readMeta(db, "key"),
    feedState(db, "mailbox"),
    readMeta(db, "last_success_at"),
    readMeta(db, "session"),
  ]);
  let known = entry;
  if (!key && !entry.needs_enrol) {
    // The list says this account is here and its store is empty: the system has thrown it away.
    await changeEntry(thePhone(), entry.account, (held) => ({ ...held, needs_enrol: true }));
    known = { ...entry, needs_enrol: true };
    tellSync({ store_was_lost: true });
  }
  setCurrent(known, db);
  tellSync({
    first_pull: mailbox.since === null,
    last_success_at: last ?? null,
    limited: session?.limited === true,
    trouble: null,
  });
  const previewed = readPreview(db, known.role, location.hash);
  const [kept, stored] = await Promise.all([
    previewed,
    previewed.then((found) => (found ? null : fetchRows(db))),
    readOutbox(db),
    readLight(db),
    readDrafts(),
    readZone(db),
  ]);
  if (stored) await readRows(db, stored);
  batch(() => {
    preview.value = kept;
    account.value = cardOf(known, outboxRecords(), outboxPhotos());
    boot.value = { phase: "ready" };
  });
  rowsComing(afterFirstFrame(kept !== null));
}

/** Buckets of rows read at once behind a preview: what a slow phone does in less than two frames. */
const FEW = 4;

async function afterFirstFrame(previewed: boolean): Promise<void> {
  const open = maybeAccount();
  if (!open) return;
  await drawn();
  try {
    if (previewed) {
      const stored = await fetchRows(open.db, FEW);
      if (maybeAccount() !== open) return;
      await readRows(open.db, stored);
    }
    resetSyncing();
    void afterRows(open);
  } catch (error) {
    // Another account was opened meanwhile and this store closed under the reading.
    if (!(error instanceof DOMException) || maybeAccount() === open) throw error;
  }
}

async function afterRows(open: Current): Promise<void> {
  try {
    await breathe();
    await readHeavy(open.db);
    await buildIndex(open.db, breathe);
    open.grinder.start();
    previewSoon();
    await zoneLater(open);
  } catch (error) {
    // Another account was opened meanwhile and this store closed under the reading.
    if (!(error instanceof DOMException) || maybeAccount() === open) throw error;
  }
}

async function zoneLater(open: Current): Promise<void> {
  await breathe();
  if (maybeAccount() !== open) return;
  await keepZone(open.db, municipality.peek()?.timezone, navigator.userAgent, Date.now());
}

/** Resolves after the next frame, or soon where nobody looks and no frame comes. */
function drawn(): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, 200);
    requestAnimationFrame(() =>
      setTimeout(() => {
        clearTimeout(late);
        resolve();
      }),
    );
  });
}

/** Lets the browser draw and listen. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof requestIdleCallback === "function") requestIdleCallback(() => resolve(), { timeout: 500 });
    else setTimeout(resolve, 16);
  });
}

async function readDrafts(): Promise<void> {
  const open = maybeAccount();
  if (open) drafts.value = await open.db.getAll("drafts");
}

/** Reports and shelves follow every bell of the open account, rung here or in another tab. */
export function startListening(readAccounts: () => Promise<void>): void {
  onRing((bell) => {
    void heard(bell, readAccounts).catch((error: unknown) => {
      if (!(error instanceof DOMException)) throw error;
    });
  });
}

async function heard(bell: Ring, readAccounts: () => Promise<void>): Promise<void> {
  if (bell.what === "accounts") return readAccounts();
  const open = maybeAccount();
  if (!open || bell.account !== open.entry.account) return;
  const { db } = open;
  if (bell.what === "drafts") return readDrafts();
  await rowsRead();
  if (maybeAccount() !== open) return;
  previewSoon();
  if (bell.what === "outbox") {
    const before = busySubjects();
    await readOutbox(db);
    const subjects = new Set([...before, ...busySubjects(), ...(bell.ids ?? [])]);
    await readReports(db, subjects);
    await indexReports(db, subjects);
    return;
  }
  if (bell.what !== "mailbox" && bell.what !== "reference") return;
  if (bell.what === "mailbox") await refreshPictures();
  const ids = bell.ids ?? null;
  await readChanged(db, bell.what, ids);
  if (bell.what === "reference") return zoneLater(open);
  const reports = ids?.filter((id) => id.startsWith("report:")).map((id) => id.slice("report:".length));
  if (reports === undefined || reports.length > MANY) {
    await readRows(db);
    void buildIndex(db, breathe);
  } else {
    await readReports(db, new Set(reports));
    await indexReports(db, reports);
  }
  tendPictures();
}

/** More changed reports than this are cheaper read as rows, all at once. */
const MANY = 150;

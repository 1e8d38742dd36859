/**
 * Pulling a feed: `_changes?include_docs` pages into the store, page and checkpoint in one transaction.
 *
 * Law: the checkpoint never runs ahead of the documents. A feed that changed is pulled into the shadow store and
 * swapped in one transaction, so that the person never sees half a phone; the outbox is not touched. A page that
 * is no page is thrown away whole.
 */
import { type AccountStore, feedState, writeMeta } from "../storage/account.ts";
import type { Feed, FeedState, Side } from "../storage/records.ts";
import { type Changes, writePage } from "./page.ts";
import { type Line, Trouble } from "./request.ts";
import { askAs } from "./session.ts";

export interface Pulled {
  /** Ids written or removed, for whoever watches; null where a swap may have changed everything. */
  changed: string[] | null;
  requests: number;
}

/** Smallest page a bad line is asked to carry. */
const LEAST_PAGE = 100;
/** A feed that changes more often than this within one pull is a server in trouble. */
const MOST_SHADOWS = 3;

/**
 * Pulls until nothing is pending. `progress` hears 0..1 of a pull from the beginning; `pulled` counts up as it goes,
 * so that whoever catches a failure knows what was written before it.
 */
export async function pull(
  db: AccountStore,
  line: Line,
  feed: Feed,
  progress: (part: number) => void = () => undefined,
  pulled: Pulled = { changed: [], requests: 0 },
): Promise<Pulled> {
  let shadows = 0;
  let got = 0;
  let state = await feedState(db, feed);
  let next: Promise<Changes> | null = null;
  for (;;) {
    let page: Changes;
    try {
      pulled.requests += 1;
      page = await (next ?? fetchPage(db, line, feed, state));
    } catch (error) {
      next = null;
      if (error instanceof Trouble && error.code === "feed_changed" && shadows < MOST_SHADOWS) {
        shadows += 1;
        state = { ...state, shadow: { since: null } };
        continue;
      }
      if (error instanceof Trouble && error.code === "timeout") await shrinkPage(db, feed);
      throw error;
    }
    const last = isLast(page);
    // The next page travels while this one is written.
    next = last ? null : fetchPage(db, line, feed, advance(state, page.last_seq));
    next?.catch(() => undefined);
    const written = await write(db, feed, state, page, pulled);
    if (written) {
      state = written;
      got += page.results.length;
      if (last) return pulled;
      progress(got / (got + page.pending));
    } else {
      // Somebody else has moved the feed on: go on from there.
      state = await feedState(db, feed);
      next = null;
    }
  }
}

const isLast = (page: Changes): boolean => page.pending === 0 || page.results.length === 0;

/** One longpoll: resolves with what came, or after the server's time with nothing. */
export async function wait(db: AccountStore, line: Line, feed: Feed, signal: AbortSignal): Promise<Pulled> {
  const state = await feedState(db, feed);
  const pulled: Pulled = { changed: [], requests: 1 };
  if (state.since === null || state.shadow !== null) return pull(db, line, feed);
  const page = await fetchPage(db, line, feed, state, signal);
  const written = await write(db, feed, state, page, pulled);
  return written && isLast(page) ? pulled : pull(db, line, feed);
}

/** How long the server holds a longpoll; the phone waits a little longer before it calls the line dead. */
const LONGPOLL_MS = 50_000;

async function fetchPage(
  db: AccountStore,
  line: Line,
  feed: Feed,
  state: FeedState,
  signal?: AbortSignal,
): Promise<Changes> {
  const since = state.shadow ? state.shadow.since : state.since;
  const query = new URLSearchParams({ limit: String(state.page) });
  if (since !== null) query.set("since", since);
  if (signal) {
    query.set("feed", "longpoll");
    query.set("timeout", String(LONGPOLL_MS));
  }
  const page = await askAs<Changes>(db, line, `/sync/${feed}/_changes?${query}`, {
    ...(signal ? { signal, patience: LONGPOLL_MS + 15_000 } : {}),
  });
  if (!isPage(page)) throw new Trouble("garbage", "La respuesta no se entendió.");
  return page;
}

function isPage(page: unknown): page is Changes {
  if (typeof page !== "object" || page === null) return false;
  const { results, last_seq } = page as Partial<Changes>;
  return (
    typeof last_seq === "string" &&
    Array.isArray(results) &&
    results.every((row) => typeof row?.id === "string" && (row.deleted === true || row.doc?._id === row.id))
  );
}

const otherSide = (side: Side): Side => (side === "a" ? "b" : "a");

function advance(state: FeedState, since: string): FeedState {
  return state.shadow ? { ...state, shadow: { since } } : { ...state, since };
}

/** Null where the page came too late to be written. */
async function write(
  db: AccountStore,
  feed: Feed,
  before: FeedState,
  page: Changes,
  pulled: Pulled,
): Promise<FeedState | null> {
  const since = before.shadow ? before.shadow.since : before.since;
  const side = before.shadow ? otherSide(before.side) : before.side;
  const swap = before.shadow !== null && isLast(page);
  const after: FeedState = swap
    ? { side, since: page.last_seq, shadow: null, page: before.page }
    : advance(before, page.last_seq);
  const done = await writePage(db, feed, {
    page,
    side,
    before,
    after,
    // A shadow begins on an empty store, whatever an earlier try left there.
    clearFirst: before.shadow !== null && since === null ? side : null,
    clearAfter: swap ? before.side : null,
    fresh: since === null,
  });
  if (!done) return null;
  if (swap || pulled.changed === null) pulled.changed = null;
  else pulled.changed.push(...page.results.map((row) => row.id));
  return after;
}

/** After a time-out the line is asked for less. */
async function shrinkPage(db: AccountStore, feed: Feed): Promise<void> {
  const state = await feedState(db, feed);
  await writeMeta(db, `feed:${feed}`, { ...state, page: Math.max(LEAST_PAGE, state.page >> 1) });
}

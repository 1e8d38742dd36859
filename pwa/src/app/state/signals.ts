/**
 * Every signal that screens read: the phone's own, and those of the account that is open.
 *
 * Law: a signal is a view of the phone's storage at one moment. Whoever changes storage rings the bell; whoever
 * hears it reads again. With nobody here there is nothing to see.
 */
import { computed, type ReadonlySignal } from "@preact/signals";
import type {
  Agency,
  Area,
  Block,
  Channel,
  Colleague,
  Geometry,
  Held,
  Incident,
  Leader,
  Municipality,
  Notice,
  PetitionType,
  Profile,
  Rejection,
} from "../../shared/documents.ts";
import type { Account } from "./account.ts";
import type { AccountCard, Counts, Draft, OutboxItem, Preview, ReportRow, SyncStatus } from "./contract.ts";
import { tenancy } from "./current.ts";
import { noCounts } from "./ledger.ts";
import { all_lost, online } from "./phone.ts";
import { idle } from "./syncing.ts";

export { accounts, boot, now, settings, storage, update_waiting } from "./phone.ts";

function of<T>(pick: (open: Account) => ReadonlySignal<T>, none: T): ReadonlySignal<T> {
  return computed(() => {
    const open = tenancy.open.value;
    return open ? pick(open).value : none;
  });
}

type Shelf<T> = ReadonlyMap<string, T>;
const shelf = <T>(pick: (open: Account) => ReadonlySignal<Shelf<T>>): ReadonlySignal<Shelf<T>> =>
  of(pick, new Map());

export const account = of<AccountCard | null>((open) => open.card, null);
export const profile = of<Profile | null>((open) => open.feeds.profile, null);
export const municipality = of<Municipality | null>((open) => open.feeds.municipality, null);
export const outline = of<Geometry | null>((open) => open.feeds.outline, null);
/** Where the municipality holds more reports for one than a phone may: so many are here. */
export const held = of<Held | null>((open) => open.feeds.held, null);
export const notice = of<Notice | null>((open) => open.feeds.notice, null);
export const types = shelf<PetitionType>((open) => open.feeds.types);
export const agencies = shelf<Agency>((open) => open.feeds.agencies);
export const channels = shelf<Channel>((open) => open.feeds.channels);
export const areas = shelf<Area>((open) => open.feeds.areas);
export const blocks = shelf<Block>((open) => open.feeds.blocks);
export const leaders = shelf<Leader>((open) => open.feeds.leaders);
export const colleagues = shelf<Colleague>((open) => open.feeds.colleagues);
export const refusals = shelf<Rejection>((open) => open.feeds.refusals);
export const quarantine = shelf<Rejection>((open) => open.feeds.quarantine);
export const incidents = shelf<Incident>((open) => open.incidents);
export const loaded = of((open) => open.listing.loaded, false);
export const preview = of<Preview | null>((open) => open.first.kept, null);
export const rows = of<readonly ReportRow[]>((open) => open.listing.rows, []);
export const outbox = of<readonly OutboxItem[]>((open) => open.ledger.items, []);
export const counts = of<Counts>((open) => open.ledger.counts, noCounts);
export const drafts = of<readonly Draft[]>((open) => open.unfinished, []);
export const sync = computed<SyncStatus>(() => {
  const status = tenancy.open.value?.syncing.status.value ?? { ...idle, store_was_lost: all_lost.value };
  return { ...status, online: online.value };
});

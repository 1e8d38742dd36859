/**
 * Everything that came from the municipality besides reports: profile, catalogue, areas, padrón.
 *
 * Law: small things first (what a list needs to speak), geometries after; each map is replaced as a whole, so that
 * a screen never sees half a catalogue.
 */
import type { Signal } from "@preact/signals";
import type { Held, Municipality, Notice, Outline, Profile } from "../../shared/documents.ts";
import { type AccountStore, readDocument, readDocuments } from "../storage/account.ts";
import type { Feed } from "../storage/records.ts";
import * as s from "./signals.ts";

interface Shelf {
  feed: Feed;
  prefix: string;
  read(db: AccountStore): Promise<void>;
  forget(): void;
}

function shelf<T extends { _id: string }>(
  feed: Feed,
  prefix: string,
  into: Signal<ReadonlyMap<string, T>>,
): Shelf {
  return {
    feed,
    prefix,
    async read(db) {
      const docs = await readDocuments<T>(db, feed, prefix);
      into.value = new Map(docs.map((doc) => [doc._id.slice(prefix.length), doc]));
    },
    forget() {
      into.value = new Map();
    },
  };
}

/** Areas are keyed `colonia:<id>` and `sector:<id>`. */
const light: Shelf[] = [
  shelf("reference", "type:", s.types),
  shelf("reference", "agency:", s.agencies),
  shelf("reference", "channel:", s.channels),
  shelf("mailbox", "incident:", s.incidentCopies),
];
const heavy: Shelf[] = [
  shelf("mailbox", "leader:", s.leaders),
  shelf("mailbox", "colleague:", s.colleagues),
  shelf("mailbox", "refusal:", s.refusals),
  shelf("mailbox", "quarantine:", s.quarantine),
  shelf("mailbox", "block:", s.blocks),
  shelf("reference", "area:", s.areas),
];

async function readSingles(db: AccountStore): Promise<void> {
  const [profile, municipality, notices, outline, held] = await Promise.all([
    readDocument<Profile>(db, "mailbox", "profile"),
    readDocument<Municipality>(db, "reference", "settings"),
    readDocuments<Notice>(db, "reference", "notice:"),
    readDocument<Outline>(db, "reference", "outline"),
    readDocument<Held>(db, "mailbox", "held"),
  ]);
  s.profile.value = profile ?? null;
  s.municipality.value = municipality ?? null;
  s.outline.value = outline?.geometry ?? municipality?.outline ?? null;
  s.held.value = held ?? null;
  s.notice.value =
    notices.find((notice) => notice.version === municipality?.notice) ?? notices.at(-1) ?? null;
}

export async function readLight(db: AccountStore): Promise<void> {
  await Promise.all([readSingles(db), ...light.map((one) => one.read(db))]);
}

export async function readHeavy(db: AccountStore): Promise<void> {
  for (const one of heavy) await one.read(db);
}

/** Reads what a change touches: the shelves whose documents are named, all of a feed's where none is. */
export async function readChanged(db: AccountStore, feed: Feed, ids: string[] | null): Promise<void> {
  const touches = (prefix: string): boolean => ids === null || ids.some((id) => id.startsWith(prefix));
  if (["profile", "settings", "outline", "held", "notice:"].some(touches)) await readSingles(db);
  for (const one of [...light, ...heavy]) {
    if (one.feed === feed && touches(one.prefix)) await one.read(db);
  }
}

export function forgetFeeds(): void {
  s.profile.value = null;
  s.municipality.value = null;
  s.outline.value = null;
  s.held.value = null;
  s.notice.value = null;
  for (const one of [...light, ...heavy]) one.forget();
}

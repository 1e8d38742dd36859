/**
 * Everything that came from the municipality besides reports: profile, catalogue, areas, padrón.
 *
 * Law: small things first (what a list needs to speak), geometries after; each map is replaced as a whole, so that
 * a screen never sees half a catalogue.
 */
import { computed, type Signal, signal } from "@preact/signals";
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
  Outline,
  PetitionType,
  Profile,
  Rejection,
} from "../../shared/documents.ts";
import { type AccountStore, readDocument, readDocuments } from "../storage/account.ts";
import type { Feed } from "../storage/records.ts";

type Shelf<T> = Signal<ReadonlyMap<string, T>>;

interface Place {
  feed: Feed;
  prefix: string;
  read(): Promise<void>;
}

/** By id without its kind; areas are keyed `colonia:<id>` and `sector:<id>`. */
const shelf = <T>(): Shelf<T> => signal<ReadonlyMap<string, T>>(new Map());

export class Feeds {
  readonly profile = signal<Profile | null>(null);
  readonly municipality = signal<Municipality | null>(null);
  readonly notice = signal<Notice | null>(null);
  readonly #drawn = signal<Geometry | null>(null);
  /** Its own document's; of a municipality before there was one, the settings'. */
  readonly outline = computed(() => this.#drawn.value ?? this.municipality.value?.outline ?? null);
  readonly held = signal<Held | null>(null);
  readonly types = shelf<PetitionType>();
  readonly agencies = shelf<Agency>();
  readonly channels = shelf<Channel>();
  /** As the municipality sent them: without this phone's own acts. */
  readonly incidents = shelf<Incident>();
  readonly leaders = shelf<Leader>();
  readonly colleagues = shelf<Colleague>();
  readonly refusals = shelf<Rejection>();
  readonly quarantine = shelf<Rejection>();
  readonly blocks = shelf<Block>();
  readonly areas = shelf<Area>();
  readonly #light: readonly Place[];
  readonly #heavy: readonly Place[];

  constructor(readonly db: AccountStore) {
    this.#light = [
      this.#place("reference", "type:", this.types),
      this.#place("reference", "agency:", this.agencies),
      this.#place("reference", "channel:", this.channels),
      this.#place("mailbox", "incident:", this.incidents),
    ];
    this.#heavy = [
      this.#place("mailbox", "leader:", this.leaders),
      this.#place("mailbox", "colleague:", this.colleagues),
      this.#place("mailbox", "refusal:", this.refusals),
      this.#place("mailbox", "quarantine:", this.quarantine),
      this.#place("mailbox", "block:", this.blocks),
      this.#place("reference", "area:", this.areas),
    ];
  }

  #place<T extends { _id: string }>(feed: Feed, prefix: string, into: Shelf<T>): Place {
    return {
      feed,
      prefix,
      read: async () => {
        const docs = await readDocuments<T>(this.db, feed, prefix);
        into.value = new Map(docs.map((doc) => [doc._id.slice(prefix.length), doc]));
      },
    };
  }

  async #readSingles(): Promise<void> {
    const [profile, municipality, notices, outline, held] = await Promise.all([
      readDocument<Profile>(this.db, "mailbox", "profile"),
      readDocument<Municipality>(this.db, "reference", "settings"),
      readDocuments<Notice>(this.db, "reference", "notice:"),
      readDocument<Outline>(this.db, "reference", "outline"),
      readDocument<Held>(this.db, "mailbox", "held"),
    ]);
    this.profile.value = profile ?? null;
    this.municipality.value = municipality ?? null;
    this.#drawn.value = outline?.geometry ?? null;
    this.held.value = held ?? null;
    this.notice.value =
      notices.find((notice) => notice.version === municipality?.notice) ?? notices.at(-1) ?? null;
  }

  /** What a list needs to speak. */
  async readLight(): Promise<void> {
    await Promise.all([this.#readSingles(), ...this.#light.map((one) => one.read())]);
  }

  async readHeavy(): Promise<void> {
    for (const one of this.#heavy) await one.read();
  }

  /** Reads what a change touches: the shelves whose documents are named, all of a feed's where none is. */
  async readChanged(feed: Feed, ids: string[] | null): Promise<void> {
    const touches = (prefix: string): boolean => ids === null || ids.some((id) => id.startsWith(prefix));
    if (["profile", "settings", "outline", "held", "notice:"].some(touches)) await this.#readSingles();
    for (const one of [...this.#light, ...this.#heavy]) {
      if (one.feed === feed && touches(one.prefix)) await one.read();
    }
  }
}

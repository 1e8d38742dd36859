/**
 * An account, open in memory: its rows, outbox, feeds, search, timers and requests are this object's and nobody else's.
 *
 * Law: closing it ends everything it began; nothing of it is kept elsewhere, so that whoever opens theirs on the same
 * phone meets nothing of it, nor does a late answer of its own find anything but itself.
 */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Role } from "../../shared/documents.ts";
import { instant } from "../../shared/instants.ts";
import { Grinder } from "../pictures/grinder.ts";
import { Pictures } from "../pictures/pictures.ts";
import { Drafts } from "../saving/drafts.ts";
import type { Mill } from "../saving/photos.ts";
import { type AccountStore, feedState, openStore, readMeta } from "../storage/account.ts";
import { onRing, type Ring, ring } from "../storage/bell.ts";
import { type AccountEntry, changeEntry, type PhoneStore } from "../storage/phone.ts";
import type { DraftRecord } from "../storage/records.ts";
import type { Line } from "../sync/request.ts";
import { cardOf } from "./card.ts";
import type { AccountCard, PhotoWait, Storage } from "./contract.ts";
import { Feeds } from "./feeds.ts";
import { withActs } from "./incidents.ts";
import { Ledger } from "./ledger.ts";
import { Life } from "./life.ts";
import { fetchRows, Listing } from "./listing.ts";
import { needed } from "./photos.ts";
import { Places } from "./places.ts";
import { FirstScreen, type Make } from "./preview.ts";
import { Search } from "./searching.ts";
import { Syncing } from "./syncing.ts";
import { keepZone, readZone } from "./zone.ts";

/** What an account needs of the phone it is opened on. */
export interface Surroundings {
  phone: PhoneStore;
  line: Line;
  mill: Mill;
  online: ReadonlySignal<boolean>;
  network: ReadonlySignal<string | undefined>;
  photoWait: ReadonlySignal<PhotoWait>;
  storage: ReadonlySignal<Storage>;
  firstScreen(role: Role): Make | undefined;
  /** Resolves after the next frame. */
  drawn(): Promise<void>;
  /** Lets the browser draw and listen. */
  breathe(): Promise<void>;
  /** The municipality has taken this account off the phone. */
  leave(): Promise<void>;
}

/** Buckets of rows read at once behind a preview: what a slow phone does in less than two frames. */
const FEW = 4;
/** More changed reports than this are cheaper read as rows, all at once. */
const MANY = 150;

export class Account {
  readonly life = new Life();
  readonly line: Line;
  readonly card: Signal<AccountCard>;
  readonly unfinished = signal<readonly DraftRecord[]>([]);
  readonly drafts: Drafts;
  readonly grinder: Grinder;
  readonly pictures: Pictures;
  readonly feeds: Feeds;
  readonly ledger: Ledger;
  readonly listing: Listing;
  readonly search: Search;
  readonly places: Places;
  readonly first: FirstScreen;
  readonly syncing: Syncing;
  /** Those of the municipality, with this phone's own acts. */
  readonly incidents: ReadonlySignal<ReturnType<typeof withActs>>;

  constructor(
    readonly entry: AccountEntry,
    readonly db: AccountStore,
    readonly around: Surroundings,
  ) {
    const { account, role } = entry;
    const { life, unfinished } = this;
    this.line = { ...around.line, ended: life.ended };
    this.drafts = new Drafts(db, Date.now, () => ring({ account, what: "drafts" }));
    // Whoever hears it seals what waited for its photo, and sends.
    this.grinder = new Grinder(
      db,
      around.mill,
      () => instant(Date.now()),
      () => ring({ account, what: "outbox" }),
    );
    this.pictures = new Pictures(db, {
      line: this.line,
      now: Date.now,
      made: (id) => this.grinder.made(id),
      gone: (sha256) => ring({ account, what: "pictures", ids: [sha256] }),
    });
    this.feeds = new Feeds(db);
    const isHeard = computed(() => around.online.value && this.syncing.status.value.trouble === null);
    this.syncing = new Syncing({
      ...around,
      account,
      db,
      life,
      line: this.line,
      succeeded: () => this.#tendPictures(),
    });
    this.ledger = new Ledger({ db, life, drafts: unfinished, isHeard });
    this.listing = new Listing({
      db,
      ledger: this.ledger,
      feeds: this.feeds,
      looked: () => this.first.soon(),
    });
    this.first = new FirstScreen({
      db,
      life,
      role,
      listing: () => this.listing,
      make: () => around.firstScreen(role),
    });
    this.search = new Search({ db, feeds: this.feeds, listing: this.listing, breathe: around.breathe });
    this.places = new Places(this.feeds, this.listing);
    this.incidents = computed(() => withActs(this.feeds.incidents.value, this.ledger.incidentActs.value));
    this.card = signal(cardOf(entry, [], []));
  }

  /** Reads what a person needs to begin: outbox, catalogue, a preview of the list where one holds, else the rows. */
  async read(hash: string): Promise<void> {
    const { db, ledger, feeds, listing, first } = this;
    const previewed = first.read(hash);
    const [kept, stored] = await Promise.all([
      previewed,
      previewed.then((found) => (found ? null : fetchRows(db))),
      ledger.read(),
      feeds.readLight(),
      this.#readDrafts(),
      readZone(db),
    ]);
    if (stored) await listing.read(stored);
    first.kept.value = kept;
    this.card.value = cardOf(this.entry, ledger.records, ledger.photos);
  }

  /** From now on hears its bells and the world; what was not needed for the first frame is read after it. */
  begin(): void {
    const { life, listing } = this;
    life.atEnd(onRing((bell) => life.spawn(() => this.#heard(bell))));
    const whole = this.#afterFirstFrame();
    listing.coming(whole);
    // Whoever waits for the rows hears of a failure too.
    life.spawn(() => whole);
  }

  /** What was typed up to now is written. Before closing, where there is time. */
  settled(): Promise<void> {
    return this.drafts.settled();
  }

  close(): void {
    this.life.end();
    this.pictures.close();
    this.db.close();
  }

  async #afterFirstFrame(): Promise<void> {
    const { life, db, listing, first, around } = this;
    await around.drawn();
    if (life.isOver) return;
    if (first.kept.peek() !== null) await listing.read(await fetchRows(db, FEW));
    this.syncing.begin();
    life.spawn(() => this.#afterRows());
  }

  async #afterRows(): Promise<void> {
    await this.around.breathe();
    await this.feeds.readHeavy();
    await this.search.build();
    if (this.life.isOver) return;
    this.grinder.start();
    this.first.soon();
    await this.#zoneLater();
  }

  async #zoneLater(): Promise<void> {
    await this.around.breathe();
    if (this.life.isOver) return;
    await keepZone(this.db, this.feeds.municipality.peek()?.timezone, navigator.userAgent, Date.now());
  }

  /** With signal, after news: what nobody has asked for yet, where photos may travel at all. */
  #tendPictures(): void {
    const { around, feeds, life, listing, pictures, syncing } = this;
    if (!around.online.peek() || syncing.status.peek().limited) return;
    const mayFetch = around.photoWait.peek() === "nothing";
    const reports = mayFetch ? needed(listing.rows.peek(), feeds.profile.peek()?.brigade) : [];
    life.spawn(() => pictures.tend(reports));
  }

  async #readDrafts(): Promise<void> {
    this.unfinished.value = await this.db.getAll("drafts");
  }

  /** Reports and shelves follow every bell of this account, rung here or in another tab. */
  async #heard(bell: Ring): Promise<void> {
    const { entry, ledger, listing, search, feeds, first } = this;
    if (bell.account !== entry.account || bell.what === "accounts") return;
    if (bell.what === "drafts") return this.#readDrafts();
    await listing.whole();
    first.soon();
    if (bell.what === "outbox") {
      const before = listing.busySubjects();
      await ledger.read();
      const subjects = new Set([...before, ...listing.busySubjects(), ...(bell.ids ?? [])]);
      await listing.readReports(subjects);
      await search.put(subjects);
      return;
    }
    if (bell.what !== "mailbox" && bell.what !== "reference") return;
    if (bell.what === "mailbox") await this.pictures.refresh();
    const ids = bell.ids ?? null;
    await feeds.readChanged(bell.what, ids);
    if (bell.what === "reference") return this.#zoneLater();
    const reports = ids?.filter((id) => id.startsWith("report:")).map((id) => id.slice("report:".length));
    if (reports === undefined || reports.length > MANY) {
      await listing.read();
      this.life.spawn(() => search.build());
    } else {
      await listing.readReports(new Set(reports));
      await search.put(reports);
    }
    this.#tendPictures();
  }
}

/**
 * Opens an account's store and reads what its first screen needs; `hash`: the address that is shown first. Nothing of
 * it waits for the network. Throws DOMException where storage is refused.
 */
export async function openAccount(entry: AccountEntry, around: Surroundings, hash = ""): Promise<Account> {
  const db = await openStore(entry.account);
  const [key, mailbox, last, session] = await Promise.all([
    readMeta(db, "key"),
    feedState(db, "mailbox"),
    readMeta(db, "last_success_at"),
    readMeta(db, "session"),
  ]);
  // The list says this account is here and its store is empty: the system has thrown it away.
  const isLost = !key && !entry.needs_enrol;
  if (isLost) await changeEntry(around.phone, entry.account, (held) => ({ ...held, needs_enrol: true }));
  const account = new Account(isLost ? { ...entry, needs_enrol: true } : entry, db, around);
  account.syncing.tell({
    store_was_lost: isLost,
    first_pull: mailbox.since === null,
    last_success_at: last ?? null,
    limited: session?.limited === true,
  });
  await account.read(hash);
  return account;
}

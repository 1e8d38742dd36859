/**
 * An account's outbox as screens see it: items with their custody, and the header's numbers.
 *
 * Law: what is counted as "en su teléfono" is exactly what no server has received.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { provisionalFolio } from "../../shared/folio.ts";
import type { AccountStore } from "../storage/account.ts";
import { isUnsent, isUnsentPhoto } from "../storage/custody.ts";
import type { DraftRecord, OutboxRecord, PhotoRecord } from "../storage/records.ts";
import { isWaiting } from "../sync/custody.ts";
import type { Counts, OutboxItem } from "./contract.ts";
import { incidentActs } from "./incidents.ts";
import type { Life } from "./life.ts";

/** What a working line needs at most: an urgent capture older than this without a reception is said aloud. */
export const URGENT_MS = 10_000;

export const noCounts: Counts = {
  on_phone: 0,
  photos_on_phone: 0,
  refused: 0,
  urgent_unreceived: [],
  drafts: 0,
};

export interface LedgerAround {
  db: AccountStore;
  life: Life;
  drafts: ReadonlySignal<readonly DraftRecord[]>;
  /** The line works, as far as is known. */
  isHeard: ReadonlySignal<boolean>;
}

export class Ledger {
  readonly items = signal<readonly OutboxItem[]>([]);
  readonly counts = signal<Counts>(noCounts);
  /** This phone's undecided acts about incidents. */
  readonly incidentActs = signal<readonly OutboxRecord[]>([]);
  #records: readonly OutboxRecord[] = [];
  #photos: readonly PhotoRecord[] = [];
  #cancel = (): void => undefined;
  /** Without a line there is nothing to wait for: nobody has it, from the first moment. */
  readonly #grace: ReadonlySignal<number>;

  constructor(readonly around: LedgerAround) {
    this.#grace = computed(() => (around.isHeard.value ? URGENT_MS : 0));
    // Its first call counts nothing yet.
    around.life.atEnd(this.#grace.subscribe(() => this.count(Date.now())));
  }

  /** In order of saving: what lists and reports lay over the copies. */
  get records(): readonly OutboxRecord[] {
    return this.#records;
  }

  get photos(): readonly PhotoRecord[] {
    return this.#photos;
  }

  async read(): Promise<void> {
    const { db } = this.around;
    const [records, photos] = await Promise.all([db.getAll("outbox"), db.getAll("photos")]);
    this.#records = records.sort((a, b) => a.order - b.order);
    this.#photos = photos;
    this.items.value = this.#records.map((record) => itemOf(record, photos)).reverse();
    this.incidentActs.value = incidentActs(this.#records);
    this.count(Date.now());
  }

  /** Read again with the clock and the line: waiting alone, or a line that breaks, makes it "nobody has received it yet". */
  count(now: number): void {
    this.#cancel();
    const patience = this.#grace.peek();
    const held = this.#records.filter(isUnsent);
    const urgent = held.filter((record) => record.kind === "captured" && record.urgent);
    const waits = urgent
      .map((record) => Date.parse(record.saved_at) + patience - now)
      .filter((wait) => wait > 0);
    if (waits.length > 0)
      this.#cancel = this.around.life.after(Math.min(...waits), () => this.count(Date.now()));
    const next: Counts = {
      on_phone: held.length,
      photos_on_phone: this.#photos.filter(isUnsentPhoto).length,
      refused: this.#records.filter(
        (record) => record.custody === "refused" || record.custody === "quarantined",
      ).length,
      urgent_unreceived: urgent
        .filter((record) => now - Date.parse(record.saved_at) >= patience)
        .map((record) => ({ report: record.subject, saved_at: record.saved_at })),
      drafts: this.around.drafts.peek().length,
    };
    if (JSON.stringify(next) !== JSON.stringify(this.counts.value)) this.counts.value = next;
  }

  /** Lets a refused item go, once the person has read why; not what only waits for something else to come. */
  async dismiss(uuid: string): Promise<void> {
    const tx = this.around.db.transaction(["outbox", "photos", "bytes"], "readwrite");
    const record = await tx.objectStore("outbox").get(uuid);
    if (record && (record.custody === "refused" || record.custody === "quarantined") && !isWaiting(record)) {
      await tx.objectStore("outbox").delete(uuid);
      for (const photo of await tx.objectStore("photos").index("event").getAll(uuid)) {
        await tx.objectStore("photos").delete(photo.id);
        await tx.objectStore("bytes").delete(photo.id);
      }
    }
    await tx.done;
  }

  /** "Enviar ahora" gives photos that failed by themselves another chance. */
  async forgiveFailures(): Promise<void> {
    const tx = this.around.db.transaction("photos", "readwrite");
    for (const photo of await tx.store.getAll()) {
      if (photo.failures) await tx.store.put({ ...photo, failures: 0 });
    }
    await tx.done;
  }
}

function itemOf(record: OutboxRecord, photos: readonly PhotoRecord[]): OutboxItem {
  return {
    uuid: record.uuid,
    report: record.subject,
    kind: record.kind,
    type: record.type,
    folio: record.folio ?? record.about?.folio ?? null,
    provisional: provisionalFolio(record.subject),
    ...(record.about ? { about: record.about } : {}),
    saved_at: record.saved_at,
    urgent: record.urgent,
    custody: record.custody,
    ...(record.why ? { why: record.why } : {}),
    photos: photos
      .filter((photo) => photo.event === record.uuid)
      .map((photo) => ({
        id: photo.id,
        state: photo.state,
        progress: photo.state === "ready" ? 0 : 1,
        ...(photo.why ? { why: photo.why.message } : {}),
      })),
  };
}

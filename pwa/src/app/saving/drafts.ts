/**
 * Drafts: what is half written, kept at every keystroke.
 *
 * Law: the newest text wins and always lands; photos leave a draft only by the person's own hand or with the act
 * that takes them.
 */
import { instant } from "../../shared/instants.ts";
import type { AccountStore } from "../storage/account.ts";
import { buffered, durably } from "../storage/durability.ts";
import type { DraftRecord, Meta } from "../storage/records.ts";

export class Drafts {
  #waiting = new Map<string, DraftRecord>();
  #writing: Promise<void> | null = null;

  constructor(
    readonly db: AccountStore,
    readonly now: () => number,
    readonly changed: () => void,
  ) {}

  /** Resolves when this text or a newer one of the same draft is written. Keystrokes in between are coalesced. */
  save(key: string, body: unknown, photos: string[]): Promise<void> {
    this.#waiting.set(key, { key, body, photos, updated_at: instant(this.now()) });
    this.#writing ??= this.#drain();
    return this.#writing;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.size > 0) {
        const batch = [...this.#waiting.values()];
        this.#waiting.clear();
        await buffered(this.db, ["drafts", "meta"], async (tx) => {
          const turned = ((await tx.objectStore("meta").get("turned")) as Meta["turned"] | undefined) ?? [];
          // A keystroke in a window that does not know yet must not bring back what has become a report.
          for (const draft of batch.filter(({ key }) => !turned.some((one) => one.draft === key)))
            await tx.objectStore("drafts").put(draft);
        });
      }
    } finally {
      this.#writing = null;
      this.changed();
    }
  }

  /** Resolves when nothing typed waits to be written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Everything written so far reaches the disk: called before a camera opens, which may cost the app its life. */
  async flush(): Promise<void> {
    await this.#writing;
    await durably(this.db, ["drafts"], async (tx) => {
      // A strict transaction flushes the log that holds the buffered ones before it.
      const store = tx.objectStore("drafts");
      const [first] = await store.getAll(null, 1);
      if (first) await store.put(first);
    });
  }

  async load(key: string): Promise<DraftRecord | null> {
    return this.#waiting.get(key) ?? (await this.db.get("drafts", key)) ?? null;
  }

  /** Gives up a keystroke still waiting: the act that used the draft takes it. Undefined where none waits. */
  take(key: string): DraftRecord | undefined {
    const last = this.#waiting.get(key);
    this.#waiting.delete(key);
    return last;
  }

  /** Drops the draft and those of its photos that no event took. */
  async discard(key: string): Promise<void> {
    this.#waiting.delete(key);
    // Begun at once, so that it comes after what is being written and before whatever is typed from here on.
    // Buffered: the worst that losing this can do is show the draft once more.
    await buffered(this.db, ["drafts", "photos", "bytes"], async (tx) => {
      const draft = await tx.objectStore("drafts").get(key);
      for (const id of draft?.photos ?? []) {
        const photo = await tx.objectStore("photos").get(id);
        if (photo && photo.event === null) {
          await tx.objectStore("photos").delete(id);
          await tx.objectStore("bytes").delete(id);
        }
      }
      await tx.objectStore("drafts").delete(key);
    });
    this.changed();
  }
}

/**
 * Pictures for the screen, of one account.
 *
 * Law: a picture is shown from the phone where the phone has it; one fetched is kept in the account's own store, for
 * the days without signal. Wherever there is signal the municipality is asked anew whether it may still be seen, and
 * a refusal takes every copy away, from the screen too. No cache of the browser's holds any.
 */
import { type AccountStore, readDocument } from "../storage/account.ts";
import {
  dropPicture,
  emptyPictures,
  keepPicture,
  pictureChecked,
  pictureKey,
  picturesOf,
  picturesToCheck,
  takePicture,
} from "../storage/pictures.ts";
import type { PictureWidth } from "../storage/records.ts";
import { type Line, Trouble } from "../sync/request.ts";
import { renew, tokenOf } from "../sync/session.ts";

/** One looked at is asked about again after this long; one nobody looks at, within a day. */
const LOOKED_AT_MS = 60_000;
const UNSEEN_MS = 24 * 3600 * 1000;
/** A picture of some hundred kilobytes that has not come by now does not come on this line. */
const PATIENCE_MS = 60_000;
/** Questions of one round about pictures nobody looks at. */
const CHECKS = 20;
/** Pictures that one round fetches before anybody looks: some 4 MB. */
const AHEAD = 100;
const HASH = /^[0-9a-f]{64}$/;

export interface Surroundings {
  line: Line;
  now: () => number;
  /** Resolves when the picture as taken has been made small, or never will be. */
  made(id: string): Promise<void>;
  /** The picture of this hash may be seen no longer. */
  gone(sha256: string): void;
}

export class Pictures {
  #urls = new Map<string, { url: string; id: string; width: PictureWidth }>();
  #closed = false;
  #wanted: readonly string[] | null = null;
  #tending = false;

  constructor(
    readonly db: AccountStore,
    readonly around: Surroundings,
  ) {}

  /**
   * Object URL of a photo of this phone (local id), or of one of a report (SHA-256, with the report's uuid); null
   * where it is not here and cannot be fetched now, or may not be seen.
   */
  async url(id: string, width: PictureWidth, report: string | null): Promise<string | null> {
    const key = HASH.test(id) ? pictureKey(id, width) : id;
    const known = this.#urls.get(key);
    if (known) return known.url;
    const bytes = HASH.test(id) ? await this.#ofReport(id, width, report) : await this.#ofPhone(id);
    if (!bytes || this.#closed) return null;
    const url = URL.createObjectURL(new Blob([bytes]));
    this.#urls.set(key, { url, id, width });
    return url;
  }

  async #ofPhone(id: string): Promise<ArrayBuffer | null> {
    // The picture as taken has twelve megapixels: decoding it for a thumbnail would stop the screen for a second.
    if ((await this.db.get("photos", id))?.state === "saved") await this.around.made(id);
    return (await this.db.get("bytes", id)) ?? null;
  }

  /** The phone's own copy of the hash first, then what was fetched before, then the network. */
  async #ofReport(sha256: string, width: PictureWidth, report: string | null): Promise<ArrayBuffer | null> {
    const own = (await this.db.getAll("photos")).find((photo) => photo.sha256 === sha256);
    const mine = own && (await this.#ofPhone(own.id));
    if (mine) return mine;
    const now = this.around.now();
    const kept = await takePicture(this.db, sha256, width, now);
    if (kept) {
      if (now - kept.picture.checked_at > LOOKED_AT_MS) void this.#ask(sha256, width, report);
      return kept.bytes;
    }
    const bytes = report === null ? null : await this.#fetch(sha256, width, report);
    if (bytes || width === 320) return bytes;
    // Without signal a small picture is better than none.
    return (await takePicture(this.db, sha256, 320, now))?.bytes ?? null;
  }

  async #fetch(sha256: string, width: PictureWidth, report: string): Promise<ArrayBuffer | null> {
    const { status, bytes } = await this.#request("GET", sha256, width, report);
    if (status === 404) await this.#lose(sha256);
    if (status !== 200 || this.#closed) return null;
    const named = await keepPicture(this.db, { sha256, width, report }, bytes, this.around.now());
    return named ? bytes : null;
  }

  /** Status 0 without signal, or where nobody may ask now. */
  async #request(
    method: "GET" | "HEAD",
    sha256: string,
    width: PictureWidth,
    report: string | null,
  ): Promise<{ status: number; bytes: ArrayBuffer }> {
    const { line } = this.around;
    const url = `${line.origin}/sync/evidence/${sha256}/${width}${report ? `?report=${report}` : ""}`;
    const patience = new AbortController();
    const cut = (): void => patience.abort();
    const cancel = line.after(PATIENCE_MS, cut);
    if (line.ended?.aborted) cut();
    line.ended?.addEventListener("abort", cut);
    try {
      for (let failed: string | null = null; ; ) {
        const token: string =
          failed === null ? await tokenOf(this.db, line) : (await renew(this.db, line, failed)).token;
        const response = await line.fetch(url, {
          method,
          headers: { Authorization: `Bearer ${token}` },
          cache: "no-store",
          credentials: "omit",
          redirect: "error",
          signal: patience.signal,
        });
        const bytes = await response.arrayBuffer();
        if (response.status !== 401 || failed !== null) return { status: response.status, bytes };
        failed = token;
      }
    } catch (error) {
      // fetch says TypeError for every failure of the line; the store closes where the account does.
      if (error instanceof TypeError || error instanceof Trouble || error instanceof DOMException) {
        return { status: 0, bytes: new ArrayBuffer(0) };
      }
      throw error;
    } finally {
      cancel();
      line.ended?.removeEventListener("abort", cut);
    }
  }

  /** Whether it may still be seen, where the municipality can be asked. */
  async #ask(sha256: string, width: PictureWidth, report: string | null): Promise<void> {
    const { status } = await this.#request("HEAD", sha256, width, report);
    if (this.#closed) return;
    if (status === 404) await this.#lose(sha256);
    else if (status === 200) await pictureChecked(this.db, sha256, this.around.now());
  }

  async #lose(sha256: string): Promise<void> {
    if (this.#closed) return;
    await dropPicture(this.db, sha256);
    this.#revoke((id) => id === sha256);
    this.around.gone(sha256);
  }

  /** Copies have changed: what the store no longer holds is not shown from memory either. */
  async refresh(): Promise<void> {
    for (const { id, width } of [...this.#urls.values()]) {
      const held =
        (await this.db.getKey("pictures", pictureKey(id, width))) ??
        (await this.db.getKey("pictures", pictureKey(id, 320))) ??
        (HASH.test(id) ? await this.#hasOwn(id) : await this.db.getKey("photos", id));
      if (held === undefined && HASH.test(id)) {
        this.#revoke((one) => one === id);
        this.around.gone(id);
      }
    }
  }

  async #hasOwn(sha256: string): Promise<string | undefined> {
    return (await this.db.getAll("photos")).find((photo) => photo.sha256 === sha256)?.id;
  }

  /**
   * With signal: asks about some that nobody has looked at for long, and fetches the small pictures of `reports` (the
   * most needed first) that are not here yet.
   */
  async tend(reports: readonly string[]): Promise<void> {
    this.#wanted = reports;
    if (this.#tending) return;
    this.#tending = true;
    try {
      // What is asked for meanwhile comes after, as it then stands.
      for (let wanted: readonly string[] | null = reports; wanted !== null; wanted = this.#wanted) {
        this.#wanted = null;
        await this.#tend(wanted);
      }
    } catch (error) {
      // The store was closed under it by a switch of accounts.
      if (!(error instanceof DOMException)) throw error;
    } finally {
      this.#tending = false;
    }
  }

  async #tend(reports: readonly string[]): Promise<void> {
    const before = this.around.now() - UNSEEN_MS;
    for (const sha256 of await picturesToCheck(this.db, before, CHECKS)) {
      if (this.#closed) return;
      await this.#ask(sha256, 320, null);
    }
    let fetched = 0;
    for (const report of reports) {
      for (const sha256 of picturesOf(await readDocument(this.db, "mailbox", `report:${report}`))) {
        if (this.#closed || fetched >= AHEAD) return;
        if ((await this.db.getKey("pictures", pictureKey(sha256, 320))) !== undefined) continue;
        if ((await this.#hasOwn(sha256)) !== undefined) continue;
        fetched += 1;
        if ((await this.#fetch(sha256, 320, report)) === null) return;
      }
    }
  }

  #revoke(which: (id: string) => boolean): void {
    for (const [key, { url, id }] of this.#urls) {
      if (!which(id)) continue;
      URL.revokeObjectURL(url);
      this.#urls.delete(key);
    }
  }

  /** Another person takes the phone: nothing of these stays behind. */
  empty(): Promise<void> {
    return emptyPictures(this.db);
  }

  close(): void {
    this.#closed = true;
    this.#revoke(() => true);
  }
}

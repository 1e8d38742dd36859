/**
 * A municipality at the other end of a line that the test holds in its hand.
 *
 * It answers the app's HTTP as docs/gateway.md says, from memory; `fault` may answer in its place, before or after
 * the request has taken effect.
 */

import type { Line } from "../src/app/sync/request.ts";
import type { Ack, FeedDocument } from "../src/shared/documents.ts";

type Answer = { status: number; body?: unknown; headers?: Record<string, string> };
export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  token: string | null;
}
/** `before`: instead of the request. `after`: the request took effect, this is what arrives. */
export interface Fault {
  when: "before" | "after";
  matches(asked: Asked): boolean;
  answer: Answer | "dropped" | "html" | "silence";
  times: number;
}

interface Change {
  seq: number;
  id: string;
  doc: FeedDocument | null;
}

export class Municipality {
  readonly log: Asked[] = [];
  faults: Fault[] = [];
  token = "token-1";
  epoch = "epoch-1";
  backedUp = 0;
  time = "2026-11-22T16:00:00.000Z";
  orders: { order: string }[] = [];
  limited = false;
  /** Feed generations: a token of another one is refused. */
  feeds = { mailbox: "m1", reference: "r1" };
  readonly changes: Record<"mailbox" | "reference", Change[]> = { mailbox: [], reference: [] };
  /** Receipts in the order they came: what the inbox holds. */
  readonly inbox: { _id: string }[] = [];
  readonly citizens = new Map<string, unknown>();
  /** Photos whose upload was completed, by hash. */
  readonly uploads = new Map<string, { length: number; offset: number; metadata: string; bytes: number[] }>();
  /** Hashes of pictures that may be seen no longer. */
  readonly hidden = new Set<string>();
  refuse = new Map<string, { error: string; message: string }>();

  readonly line: Line = {
    origin: "https://municipio.example",
    fetch: (input, init) => this.#fetch(String(input), init ?? {}),
    after: (ms, call) => {
      const wait = { ms, call };
      this.waits.add(wait);
      return () => this.waits.delete(wait);
    },
  };
  readonly waits = new Set<{ ms: number; call: () => void }>();

  put(feed: "mailbox" | "reference", ...docs: FeedDocument[]): void {
    for (const doc of docs) this.#change(feed, doc._id, doc);
  }

  remove(feed: "mailbox" | "reference", id: string): void {
    this.#change(feed, id, null);
  }

  #change(feed: "mailbox" | "reference", id: string, doc: FeedDocument | null): void {
    const list = this.changes[feed];
    const seq = (list.at(-1)?.seq ?? 0) + 1;
    const at = list.findIndex((change) => change.id === id);
    if (at >= 0) list.splice(at, 1);
    list.push({ seq, id, doc });
  }

  fail(answer: Fault["answer"], matches: Fault["matches"], when: Fault["when"] = "before", times = 1): void {
    this.faults.push({ answer, matches, when, times });
  }

  /** Acknowledges all events received so far of a device, as intake would. */
  acknowledge(device: string, change: Partial<Ack> = {}): void {
    const ids = [...new Set(this.inbox.map((event) => event._id))];
    this.put("mailbox", {
      _id: `ack:${device}`,
      schema: "ack.v1",
      through: 0,
      gaps: [],
      items: ids.map((id, i) => [id, i + 1, i === 0 ? "HMO-000001" : null]),
      refused: [],
      quarantined: [],
      photos: [...this.uploads]
        .filter(([, upload]) => upload.offset === upload.length)
        .map(([sha256]) => ({ sha256, verdict: "ok" })),
      ...change,
    });
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const { pathname, searchParams } = new URL(url);
    const headers = new Headers(init.headers);
    const raw = init.body instanceof Blob ? new Uint8Array(await init.body.arrayBuffer()) : init.body;
    const asked: Asked = {
      method: init.method ?? "GET",
      path: pathname,
      query: searchParams,
      body: typeof raw === "string" ? JSON.parse(raw) : (raw ?? null),
      token: headers.get("Authorization")?.replace("Bearer ", "") ?? null,
    };
    this.log.push(asked);
    const fault = this.faults.find((one) => one.times > 0 && one.matches(asked));
    if (fault) fault.times -= 1;
    if (fault?.when === "before") return this.#faulty(fault.answer, init.signal ?? null);
    const answer = this.#answer(asked, headers);
    if (fault) return this.#faulty(fault.answer, init.signal ?? null);
    return respond(answer);
  }

  #faulty(answer: Fault["answer"], signal: AbortSignal | null): Promise<Response> {
    if (answer === "dropped") return Promise.reject(new TypeError("Failed to fetch"));
    if (answer === "html")
      return Promise.resolve(new Response("<html>portal cautivo</html>", { status: 200 }));
    if (answer === "silence") {
      return new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      });
    }
    return Promise.resolve(respond(answer));
  }

  #answer(asked: Asked, headers: Headers): Answer {
    const { method, path, body } = asked;
    if (path === "/api/session/challenge")
      return { status: 200, body: { challenge: "reto", expires_at: this.time } };
    if (path === "/api/session") {
      this.token = `token-${this.log.length}`;
      return { status: 201, body: { token: this.token, expires_at: this.time, limited: this.limited } };
    }
    if (asked.token !== this.token) return problem(401, "session_expired");
    if (path === "/sync/inbox/_bulk_docs") return this.#push(body as { docs: { _id: string }[] });
    if (path === "/sync/checkin") return this.#checkin(body as { since: Record<string, string | null> });
    const picture = /^\/sync\/evidence\/([0-9a-f]{64})\/(320|1280)$/.exec(path)?.[1];
    if (picture && (method === "GET" || method === "HEAD")) {
      return this.hidden.has(picture)
        ? problem(404, "photo_not_visible")
        : { status: 200, body: "a picture" };
    }
    if (path.startsWith("/sync/evidence")) return this.#tus(method, path, headers, body);
    if (path === "/sync/custody") {
      const acks = this.changes.mailbox.flatMap(({ id, doc }) => (id.startsWith("ack:") && doc ? [doc] : []));
      const backed_up_through = { epoch: this.epoch, admission: this.backedUp };
      return { status: 200, body: { time: this.time, backed_up_through, acks } };
    }
    if (path === "/api/courier") return { status: 201, body: { received: 1 } };
    const feed = /^\/sync\/(mailbox|reference)\/_changes$/.exec(path)?.[1] as
      | "mailbox"
      | "reference"
      | undefined;
    return feed ? this.#pull(feed, asked.query) : problem(404, "not_found");
  }

  #push({ docs }: { docs: { _id: string; sig?: string }[] }): Answer {
    const rows = docs.map((doc) => {
      const refused = this.refuse.get(doc._id);
      if (refused) return { id: doc._id, ...refused, reason: "test" };
      if (doc._id.startsWith("citizen:")) this.citizens.set(doc._id, doc);
      else this.inbox.push(doc);
      return { ok: true, id: doc._id };
    });
    return { status: 201, body: rows };
  }

  #checkin({ since }: { since: Record<string, string | null> }): Answer {
    const news = (feed: "mailbox" | "reference"): boolean =>
      since[feed] !== `${this.feeds[feed]}.${this.changes[feed].at(-1)?.seq ?? 0}`;
    return {
      status: 200,
      body: {
        time: this.time,
        changed: { mailbox: news("mailbox"), reference: news("reference") },
        backed_up_through: { epoch: this.epoch, admission: this.backedUp },
        orders: this.orders,
        app_floor: null,
      },
    };
  }

  #pull(feed: "mailbox" | "reference", query: URLSearchParams): Answer {
    const name = this.feeds[feed];
    const [of, seq] = (query.get("since") ?? `${name}.0`).split(".");
    if (of !== name) return problem(409, "feed_changed");
    const after = this.changes[feed].filter((change) => change.seq > Number(seq));
    const page = after.slice(0, Number(query.get("limit")));
    const results = page.map(({ seq: at, id, doc }) => ({
      seq: `${name}.${at}`,
      id,
      changes: [{ rev: "1-x" }],
      ...(doc ? { doc } : { deleted: true }),
    }));
    const last = page.at(-1)?.seq ?? Number(seq);
    return {
      status: 200,
      body: { results, last_seq: `${name}.${last}`, pending: after.length - page.length },
    };
  }

  #tus(method: string, path: string, headers: Headers, body: unknown): Answer {
    const metadata = headers.get("Upload-Metadata") ?? "";
    if (method === "POST") {
      const hash = atob(/sha256 ([^,]+)/.exec(metadata)?.[1] ?? "");
      const held = this.uploads.get(hash);
      const length = Number(headers.get("Upload-Length"));
      if (held && held.offset === held.length) {
        return {
          status: 200,
          headers: { Location: `/sync/evidence/${hash}`, "Upload-Offset": String(length) },
        };
      }
      this.uploads.set(hash, { length, offset: 0, metadata, bytes: [] });
      return { status: 201, headers: { Location: `/sync/evidence/${hash}` } };
    }
    const upload = this.uploads.get(path.split("/").at(-1) ?? "");
    if (!upload) return problem(404, "upload_unknown");
    if (method === "PATCH") {
      if (Number(headers.get("Upload-Offset")) !== upload.offset) return problem(409, "upload_offset");
      for (const byte of body as Uint8Array) upload.bytes.push(byte);
      upload.offset = upload.bytes.length;
    }
    return {
      status: method === "PATCH" ? 204 : 200,
      headers: { "Upload-Offset": String(upload.offset), "Upload-Length": String(upload.length) },
    };
  }
}

function problem(status: number, error: string): Answer {
  return { status, body: { error, message: "Una frase.", reason: "a test" } };
}

function respond({ status, body, headers = {} }: Answer): Response {
  const empty = status === 204 || body === undefined;
  return new Response(empty ? null : JSON.stringify(body), { status, headers });
}

/**
 * One request to the municipality: every way it can go wrong has a name.
 *
 * Law: no request waits for ever. The time-out counts silence, not work: a slow line that still brings bytes is
 * left alone, a dead one is cut. Whatever is not the answer asked for (a captive portal's page, half a body) is
 * `garbage`, never data.
 */

/** Codes of this phone; any other code is the server's own (`GET /api/problems`). */
export type TroubleCode =
  | "offline"
  | "timeout"
  | "server_unwell"
  | "busy"
  | "session"
  | "garbage"
  | (string & {});

export class Trouble extends Error {
  constructor(
    readonly code: TroubleCode,
    /** A sentence for the person, where the server gave one. */
    override readonly message: string,
    readonly status = 0,
    /** Milliseconds the server asks to wait. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = "Trouble";
  }
}

/** How requests leave: injected, so that tests hold the line in their hand. */
export interface Line {
  fetch: typeof fetch;
  /** Origin, or "" for the page's own. */
  origin: string;
  /** Runs `call` after `ms`; returns how to cancel. */
  after(ms: number, call: () => void): () => void;
  /** Cuts what is under way and lets nothing out any more: whose line it is has closed. */
  ended?: AbortSignal;
}

export const browserLine: Line = {
  fetch: (input, init) => fetch(input, init),
  origin: "",
  after(ms, call) {
    const id = setTimeout(call, ms);
    return () => clearTimeout(id);
  },
};

export interface Asked {
  method?: "GET" | "POST" | "DELETE";
  body?: unknown;
  /** Sent as it is, with its own type, instead of JSON. */
  raw?: { bytes: BodyInit; type: string };
  token?: string | null;
  /** Milliseconds of silence before the line is cut. */
  patience?: number;
  /** Cancels from outside: leaving the foreground, another order. */
  signal?: AbortSignal;
}

/** EDGE answers within seconds; twenty of silence is a dead line. */
export const PATIENCE_MS = 20_000;

/** The JSON of an answer. Throws Trouble for everything else; a 204 gives null. */
export async function ask<T>(line: Line, path: string, asked: Asked = {}): Promise<T> {
  const watch = new Watch(line, asked.patience ?? PATIENCE_MS, asked.signal);
  try {
    const response = await send(line, path, asked, watch);
    watch.heard();
    const text = await bodyOf(response, watch);
    if (!response.ok) throw refusal(response, text);
    if (response.status === 204) return null as T;
    return parse<T>(text);
  } finally {
    watch.end();
  }
}

async function send(line: Line, path: string, asked: Asked, watch: Watch): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (asked.token) headers.Authorization = `Bearer ${asked.token}`;
  let body: BodyInit | null = null;
  if (asked.raw) {
    headers["Content-Type"] = asked.raw.type;
    body = asked.raw.bytes;
  } else if (asked.body !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(asked.body);
  }
  try {
    return await line.fetch(line.origin + path, {
      method: asked.method ?? (body === null ? "GET" : "POST"),
      headers,
      body,
      signal: watch.signal,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
  } catch (error) {
    throw watch.explain(error);
  }
}

async function bodyOf(response: Response, watch: Watch): Promise<string> {
  try {
    if (!response.body) return await response.text();
    // Counted on the way; the browser's own decoder does the work.
    const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, stream) {
        watch.heard();
        stream.enqueue(chunk);
      },
    });
    return await new Response(response.body.pipeThrough(counted)).text();
  } catch (error) {
    throw watch.explain(error);
  }
}

function parse<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    if (error instanceof SyntaxError) throw new Trouble("garbage", "La respuesta no se entendió.");
    throw error;
  }
}

function refusal(response: Response, text: string): Trouble {
  let told: { error?: unknown; message?: unknown } = {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) told = value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const message = typeof told.message === "string" ? told.message : "";
  const after = retryAfter(response.headers.get("Retry-After"));
  const { status } = response;
  if (typeof told.error === "string" && status < 500 && status !== 429) {
    return new Trouble(told.error, message, status, after);
  }
  if (status === 401) return new Trouble("session", message, status);
  if (status === 503 || status === 429) return new Trouble("busy", message, status, after);
  if (status >= 500) return new Trouble("server_unwell", message, status, after);
  // Some box on the way answered in the server's place.
  return new Trouble("garbage", message, status);
}

/** Seconds only: the server sends no dates. At most an hour, whatever stands there. */
function retryAfter(value: string | null): number | null {
  const seconds = Number(value ?? "");
  return value !== null && Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 3600) * 1000 : null;
}

/** Cuts a request after so much silence, and knows whether it was the watch that cut. */
class Watch {
  readonly #controller = new AbortController();
  #cancel: () => void = () => undefined;
  #late = false;
  readonly #outside: () => void;

  constructor(
    readonly line: Line,
    readonly patience: number,
    readonly outer?: AbortSignal,
  ) {
    this.#outside = () => this.#controller.abort();
    for (const signal of this.#cutters()) {
      if (signal.aborted) this.#controller.abort();
      signal.addEventListener("abort", this.#outside);
    }
    this.heard();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    this.#cancel();
    this.#cancel = this.line.after(this.patience, () => {
      this.#late = true;
      this.#controller.abort();
    });
  }

  explain(error: unknown): unknown {
    if (this.#late) return new Trouble("timeout", "La red no respondió.");
    if (this.#cutters().some((signal) => signal.aborted)) return new Trouble("cancelled", "");
    // fetch says TypeError for every failure of the line (Fetch §5.6), and AbortError for ours.
    if (error instanceof TypeError || error instanceof DOMException)
      return new Trouble("offline", "No hay señal.");
    return error;
  }

  #cutters(): AbortSignal[] {
    return [this.outer, this.line.ended].filter((signal) => signal !== undefined);
  }

  end(): void {
    this.#cancel();
    for (const signal of this.#cutters()) signal.removeEventListener("abort", this.#outside);
  }
}

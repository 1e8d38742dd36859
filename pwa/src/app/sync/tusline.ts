/**
 * tus over fetch: tus-js-client brings XMLHttpRequest, which a service worker does not have.
 *
 * Law: as every request, none waits for ever; what ends late or dead ends as a plain error for the client to report.
 */
import type { HttpRequest, HttpResponse, HttpStack } from "tus-js-client";
import type { Line } from "./request.ts";

/** A quarter of a megabyte leaves within this even at 5 KB/s. */
const PATIENCE_MS = 60_000;

class Answer implements HttpResponse {
  constructor(
    readonly response: Response,
    readonly body: string,
  ) {}
  getStatus(): number {
    return this.response.status;
  }
  getHeader(header: string): string | undefined {
    return this.response.headers.get(header) ?? undefined;
  }
  getBody(): string {
    return this.body;
  }
  getUnderlyingObject(): Response {
    return this.response;
  }
}

class Call implements HttpRequest {
  readonly #headers: Record<string, string> = {};
  readonly #controller = new AbortController();
  #progress: (bytes: number) => void = () => undefined;

  constructor(
    readonly line: Line,
    readonly method: string,
    readonly url: string,
  ) {}
  getMethod(): string {
    return this.method;
  }
  getURL(): string {
    return this.url;
  }
  setHeader(header: string, value: string): void {
    this.#headers[header] = value;
  }
  getHeader(header: string): string | undefined {
    return this.#headers[header];
  }
  setProgressHandler(handler: (bytesSent: number) => void): void {
    this.#progress = handler;
  }
  async send(body: Blob | null): Promise<HttpResponse> {
    const cut = (): void => this.#controller.abort();
    const cancel = this.line.after(PATIENCE_MS, cut);
    const { ended } = this.line;
    if (ended?.aborted) cut();
    ended?.addEventListener("abort", cut);
    try {
      const response = await this.line.fetch(this.url, {
        method: this.method,
        headers: this.#headers,
        body: body ?? null,
        signal: this.#controller.signal,
        cache: "no-store",
        credentials: "omit",
      });
      const answer = new Answer(response, await response.text());
      // fetch tells nothing while it sends; the chunks are small enough for a bar to move by them.
      if (body) this.#progress(body.size);
      return answer;
    } finally {
      cancel();
      ended?.removeEventListener("abort", cut);
    }
  }
  async abort(): Promise<void> {
    this.#controller.abort();
  }
  getUnderlyingObject(): AbortController {
    return this.#controller;
  }
}

export class FetchStack implements HttpStack {
  constructor(readonly line: Line) {}
  createRequest(method: string, url: string): HttpRequest {
    return new Call(this.line, method, url);
  }
  getName(): string {
    return "FetchStack";
  }
}

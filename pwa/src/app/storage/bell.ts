/**
 * Tells every tab, and this one, that an account's store has changed.
 *
 * Law: a bell carries no data that is not in the store: whoever hears it reads again.
 */

export interface Ring {
  account: string;
  what: "outbox" | "mailbox" | "reference" | "accounts" | "drafts" | "sync" | "pictures";
  /** Documents of a feed, or hashes of pictures; null: anything may have changed. */
  ids?: string[] | null;
}

const listeners = new Set<(ring: Ring) => void>();
let channel: BroadcastChannel | null = null;

function open(): BroadcastChannel | null {
  if (channel === null && typeof BroadcastChannel === "function") {
    channel = new BroadcastChannel("manzana");
    channel.onmessage = (event: MessageEvent<Ring>) => {
      for (const listener of listeners) listener(event.data);
    };
  }
  return channel;
}

export function ring(bell: Ring): void {
  for (const listener of listeners) listener(bell);
  open()?.postMessage(bell);
}

export function onRing(listener: (ring: Ring) => void): () => void {
  open();
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** For a process that must end (tests): an open channel keeps it alive. */
export function silence(): void {
  channel?.close();
  channel = null;
  listeners.clear();
}

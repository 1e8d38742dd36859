/**
 * One holder at a time, over all tabs and the service worker.
 *
 * Law: two rounds, or two sealers, of one account never run together. Web Locks hold across tabs and die with
 * their tab, so that no lock outlives a crash; where a browser lacks them, the lock holds within the tab alone
 * and the transactions' own checks protect the rest.
 */

/** Whoever talks to the municipality for this phone holds it. */
export const ROUND = "manzana:round";

const held = new Map<string, Promise<unknown>>();

function webLocks(): LockManager | null {
  return typeof navigator === "object" && navigator.locks ? navigator.locks : null;
}

/** Runs `work` when the lock is free. */
export async function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = webLocks();
  if (locks) return (await locks.request(name, work)) as T;
  const before = held.get(name) ?? Promise.resolve();
  const mine = before.then(work, work);
  const settled = mine.catch(() => undefined);
  held.set(name, settled);
  try {
    return await mine;
  } finally {
    if (held.get(name) === settled) held.delete(name);
  }
}

/** Runs `work` if the lock is free; resolves to null without running it where another holds the lock. */
export async function ifFree<T>(name: string, work: () => Promise<T>): Promise<T | null> {
  const locks = webLocks();
  if (locks) {
    return (await locks.request(name, { ifAvailable: true }, async (lock) =>
      lock ? work() : null,
    )) as T | null;
  }
  return held.has(name) ? null : locked(name, work);
}

/**
 * Takes the lock away from a holder that shows no sign of life: a tab the system froze keeps its locks and does
 * nothing. Should it wake, both run side by side, which every step of a round bears.
 */
export async function stolen<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = webLocks();
  return locks ? ((await locks.request(name, { steal: true }, work)) as T) : locked(name, work);
}

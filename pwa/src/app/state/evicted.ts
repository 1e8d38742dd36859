/**
 * Noticing that the system threw the store away.
 *
 * Law: what is gone is said, never hidden: the app pulls again what can be pulled, and asks for a new code where the
 * key went too. The mark lives outside IndexedDB, which browsers have been seen to lose alone.
 */
const MARK = "manzana.accounts";

export function remember(accounts: string[]): void {
  localStorage.setItem(MARK, JSON.stringify(accounts));
}

/** Accounts that were on the phone, by the mark. */
export function remembered(): string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(MARK) ?? "[]");
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

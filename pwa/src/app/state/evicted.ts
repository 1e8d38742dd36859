/**
 * Noticing that the system threw the store away.
 *
 * Law: what is gone is said, never hidden: the app pulls again what can be pulled, and asks for a new code where the
 * key went too. The mark lives outside IndexedDB, which browsers have been seen to lose alone.
 */
const MARK = "manzana.accounts";

/** Nobody is no news: an emptied store says the same, and must not take the mark along. */
export function remember(accounts: string[]): void {
  if (accounts.length > 0) localStorage.setItem(MARK, JSON.stringify(accounts));
}

/** The account left this phone as it should, with everything handed over. */
export function forget(account: string): void {
  localStorage.setItem(MARK, JSON.stringify(remembered().filter((one) => one !== account)));
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

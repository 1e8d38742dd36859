/**
 * What a screen remembers of the person who uses it: a filter, a word searched for, a form half filled.
 *
 * Law: it belongs to the open account and goes with it; the next person on the phone finds it as new. A screen keeps
 * nothing in a variable of its module.
 */
import type { Account } from "./account.ts";
import { tenancy } from "./current.ts";

/** Gives the open account's one, made when first asked for. A component that asks draws again for another account. */
export function own<T>(make: () => T): () => T {
  const kept = new WeakMap<Account | typeof tenancy, T>();
  return () => {
    // With nobody here, before anybody enrols, there is one for nobody.
    const whose = tenancy.open.value ?? tenancy;
    const held = kept.get(whose);
    if (held !== undefined) return held;
    const made = make();
    kept.set(whose, made);
    return made;
  };
}

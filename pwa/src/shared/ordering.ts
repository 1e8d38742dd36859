/**
 * Long lists in order. Pure.
 *
 * Law: the same order as sorting by the whole comparison, for less: what is compared is made once for each item, not
 * once for each comparison, and the first few are found without sorting the rest.
 */

/** A sorted copy: by `key`, ascending, then by `tie`. A key that is no number sorts last. */
export function sortedBy<T>(items: readonly T[], key: (item: T) => number, tie: (a: T, b: T) => number): T[] {
  const keyed = items.map((item) => {
    const value = key(item);
    return { item, key: Number.isNaN(value) ? Number.POSITIVE_INFINITY : value };
  });
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : tie(a.item, b.item)));
  return keyed.map(({ item }) => item);
}

/** The first `count` of the items as `compare` orders them. */
export function firstBy<T>(items: readonly T[], count: number, compare: (a: T, b: T) => number): T[] {
  const first: T[] = [];
  if (count < 1) return first;
  for (const item of items) {
    if (first.length === count && compare(item, first[count - 1] as T) >= 0) continue;
    let at = first.length;
    while (at > 0 && compare(item, first[at - 1] as T) < 0) at -= 1;
    first.splice(at, 0, item);
    if (first.length > count) first.pop();
  }
  return first;
}

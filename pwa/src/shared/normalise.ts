/**
 * Text as search sees it: lower case, without accents, in words.
 *
 * Law: "Jardín", "jardin" and "JARDÍN" are one word; "ñ" and "n" too, since phones' keyboards differ;
 * "2ª", "1º" and "Nº" are "2a", "1o" and "no", as on the server.
 */

export function normalise(text: string): string {
  return text
    .replaceAll("°", "o")
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
}

/** Words and numbers, in order. Folios ("SAC-000123") also give their parts. */
export function words(text: string): string[] {
  return normalise(text).match(/[a-z0-9]+/g) ?? [];
}

/** Which letters a word is made of: one bit each for a to z, one for all digits. */
export function letters(word: string): number {
  let set = 0;
  for (let i = 0; i < word.length; i++) {
    const code = word.charCodeAt(i) - 97;
    set |= 1 << (code >= 0 && code < 26 ? code : 26);
  }
  return set;
}

/**
 * How many letters of `a` are not in `b`, both as `letters` gives them. Each costs at least one edit of its own, so
 * a word that misses more than the typos forgiven can be passed over unread.
 */
export function missing(a: number, b: number): number {
  let left = a & ~b;
  let count = 0;
  for (; left !== 0; left &= left - 1) count += 1;
  return count;
}

/**
 * Whether `a` becomes `b` with at most `most` single insertions, deletions, substitutions or swaps of neighbours
 * (optimal string alignment). `prefix`: `b` may go on after the match, as while one is still typing.
 */
export function isWithin(a: string, b: string, most: number, prefix: boolean): boolean {
  if (!prefix && Math.abs(a.length - b.length) > most) return false;
  if (prefix && a.length - b.length > most) return false;
  const width = Math.min(b.length, a.length + most);
  let before: number[] = [];
  let last = Array.from({ length: width + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= width; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      row[j] = cost;
      if (cost < least) least = cost;
    }
    if (least > most) return false;
    before = last;
    last = row;
  }
  return prefix ? Math.min(...last) <= most : (last[width] ?? Infinity) <= most && b.length <= width;
}

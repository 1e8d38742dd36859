/**
 * An incremental index over texts: prefix and typo-tolerant, in memory.
 *
 * Law: an answer is the same whether the documents came in one by one, changed, or all at once.
 * A keystroke must stay under 50 ms on a slow phone with 5,000 reports, so a query touches the vocabulary
 * (some thousand words) and never the documents' text.
 */
import { isWithin, letters, missing, words } from "./normalise.ts";

/** Typos forgiven by length of the word typed: short words would match anything. */
function typosFor(word: string): number {
  if (/^[0-9]+$/.test(word)) return 0;
  return word.length >= 8 ? 2 : word.length >= 4 ? 1 : 0;
}

/** Nobody types more, and a score stays a byte. */
const MOST_WORDS = 16;

export class SearchIndex {
  /** Documents by number; a removed one leaves its number to the next. */
  readonly #ids: (string | null)[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #free: number[] = [];
  readonly #wordsOf = new Map<string, readonly string[]>();
  /** word → numbers of the documents that hold it. */
  readonly #postings = new Map<string, Set<number>>();
  /** First letter → words, each with its letters. */
  readonly #vocabulary = new Map<string, Map<string, number>>();

  get size(): number {
    return this.#wordsOf.size;
  }

  put(id: string, text: string): void {
    const next = [...new Set(words(text))];
    const had = this.#wordsOf.get(id);
    if (had && had.length === next.length && had.every((word, i) => word === next[i])) return;
    if (had) this.remove(id);
    const number = this.#free.pop() ?? this.#ids.length;
    this.#ids[number] = id;
    this.#numbers.set(id, number);
    this.#wordsOf.set(id, next);
    for (const word of next) {
      const held = this.#postings.get(word);
      if (held) {
        held.add(number);
        continue;
      }
      this.#postings.set(word, new Set([number]));
      const initial = word[0] ?? "";
      const bucket = this.#vocabulary.get(initial);
      if (bucket) bucket.set(word, letters(word));
      else this.#vocabulary.set(initial, new Map([[word, letters(word)]]));
    }
  }

  remove(id: string): void {
    const number = this.#numbers.get(id);
    if (number === undefined) return;
    for (const word of this.#wordsOf.get(id) ?? []) {
      const held = this.#postings.get(word);
      held?.delete(number);
      if (held?.size === 0) {
        this.#postings.delete(word);
        this.#vocabulary.get(word[0] ?? "")?.delete(word);
      }
    }
    this.#wordsOf.delete(id);
    this.#numbers.delete(id);
    this.#ids[number] = null;
    this.#free.push(number);
  }

  has(id: string): boolean {
    return this.#wordsOf.has(id);
  }

  ids(): Iterable<string> {
    return this.#wordsOf.keys();
  }

  /**
   * Documents that match every word of the query, best first, at most `limit`: exact words count 4, beginnings 3,
   * typos 1; `score` is the sum. Ties keep the order of their numbers.
   */
  find(query: string, limit: number): { id: string; score: number }[] {
    const asked = [...new Set(words(query))].slice(0, MOST_WORDS);
    if (asked.length === 0) return [];
    let total = this.#scored(asked[0] ?? "");
    for (const word of asked.slice(1)) {
      const more = this.#scored(word);
      // 0 on either side: that word is not in the document.
      total = total.map((score, number) =>
        score > 0 && (more[number] ?? 0) > 0 ? score + (more[number] ?? 0) : 0,
      );
    }
    // A few scores for thousands of documents: taking them by score is cheaper than sorting them.
    const found: { id: string; score: number }[] = [];
    for (let score = Math.min(255, 4 * asked.length); score > 0 && found.length < limit; score--) {
      for (let number = 0; number < total.length && found.length < limit; number++) {
        const id = total[number] === score ? this.#ids[number] : null;
        if (id) found.push({ id, score });
      }
    }
    return found;
  }

  #scored(word: string): Uint8Array {
    const scores = new Uint8Array(this.#ids.length);
    let any = false;
    const credit = (known: string, score: number): void => {
      any = true;
      for (const number of this.#postings.get(known) ?? []) {
        if ((scores[number] ?? 0) < score) scores[number] = score;
      }
    };
    for (const known of this.#vocabulary.get(word[0] ?? "")?.keys() ?? []) {
      if (known.startsWith(word)) credit(known, known.length === word.length ? 4 : 3);
    }
    const typos = typosFor(word);
    if (typos === 0 || any) return scores;
    const asked = letters(word);
    for (const bucket of this.#vocabulary.values()) {
      for (const [known, has] of bucket) {
        // Nearly all words fall here, for a few instructions each.
        if (missing(asked, has) <= typos && isWithin(word, known, typos, true)) credit(known, 1);
      }
    }
    return scores;
  }
}

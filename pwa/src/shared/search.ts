/**
 * An incremental index over texts: prefix and typo-tolerant, in memory.
 *
 * Law: an answer is the same whether the documents came in one by one, changed, or all at once.
 * A keystroke must stay under 50 ms on a slow phone with 5,000 reports, so a query touches the vocabulary
 * (some thousand words) and never the documents' text.
 */
import { isWithin, words } from "./normalise.ts";

/** Typos forgiven by length of the word typed: short words would match anything. */
function typosFor(word: string): number {
  if (/^[0-9]+$/.test(word)) return 0;
  return word.length >= 8 ? 2 : word.length >= 4 ? 1 : 0;
}

export class SearchIndex {
  /** word → ids of the documents that hold it. */
  #postings = new Map<string, Set<string>>();
  #wordsOf = new Map<string, readonly string[]>();
  /** First letter → words, so that a typo in the first letter costs a wider look only when nothing matched. */
  #vocabulary = new Map<string, Set<string>>();

  get size(): number {
    return this.#wordsOf.size;
  }

  put(id: string, text: string): void {
    const next = [...new Set(words(text))];
    const had = this.#wordsOf.get(id);
    if (had && had.length === next.length && had.every((word, i) => word === next[i])) return;
    if (had) this.remove(id);
    this.#wordsOf.set(id, next);
    for (const word of next) {
      let ids = this.#postings.get(word);
      if (!ids) {
        ids = new Set();
        this.#postings.set(word, ids);
        const initial = word[0] ?? "";
        let bucket = this.#vocabulary.get(initial);
        if (!bucket) {
          bucket = new Set();
          this.#vocabulary.set(initial, bucket);
        }
        bucket.add(word);
      }
      ids.add(id);
    }
  }

  remove(id: string): void {
    for (const word of this.#wordsOf.get(id) ?? []) {
      const ids = this.#postings.get(word);
      ids?.delete(id);
      if (ids?.size === 0) {
        this.#postings.delete(word);
        this.#vocabulary.get(word[0] ?? "")?.delete(word);
      }
    }
    this.#wordsOf.delete(id);
  }

  has(id: string): boolean {
    return this.#wordsOf.has(id);
  }

  ids(): Iterable<string> {
    return this.#wordsOf.keys();
  }

  /**
   * Documents that match every word of the query, best first: exact words count 4, beginnings 3, typos 1.
   * `score` is the sum; ties keep the order of insertion.
   */
  find(query: string, limit: number): { id: string; score: number }[] {
    const asked = [...new Set(words(query))];
    if (asked.length === 0) return [];
    let scores: Map<string, number> | null = null;
    for (const word of asked) {
      const found = this.#scored(word);
      if (scores === null) {
        scores = found;
        continue;
      }
      const both = new Map<string, number>();
      for (const [id, score] of scores) {
        const more = found.get(id);
        if (more !== undefined) both.set(id, score + more);
      }
      scores = both;
    }
    return [...(scores ?? [])]
      .map(([id, score]) => ({ id, score }))
      .sort((a, b) => b.score - a.score)
      .slice(0, limit);
  }

  #scored(word: string): Map<string, number> {
    const scores = new Map<string, number>();
    const credit = (known: string, score: number): void => {
      for (const id of this.#postings.get(known) ?? []) {
        if ((scores.get(id) ?? 0) < score) scores.set(id, score);
      }
    };
    for (const known of this.#vocabulary.get(word[0] ?? "") ?? []) {
      if (known.startsWith(word)) credit(known, known.length === word.length ? 4 : 3);
    }
    const typos = typosFor(word);
    if (typos === 0 || scores.size > 0) return scores;
    for (const bucket of this.#vocabulary.values()) {
      for (const known of bucket) if (isWithin(word, known, typos, true)) credit(known, 1);
    }
    return scores;
  }
}

/**
 * Which petition type somebody means, from the words they say.
 *
 * Law: any word may count and none must; a whole name stands first; a word weighs by how few types it speaks of; a
 * typing mistake counts only where nothing exact stands. It learns from the catalogue and from
 * `schemas/finding/said.json`, never from `schemas/cases/type_words.json`, which proves it. The server does the
 * very same (`server/catalogue/finding.py`). Nonsense finds nothing. Fetched with the search, not at the start.
 */
import lexicon from "@schemas/finding/lexicon.json";
import said from "@schemas/finding/said.json";
import { isWithin } from "../../shared/normalise.ts";
import { fold, sound, stem } from "./sounding.ts";

/** Of a type document, what the search reads. */
export interface Findable {
  name: string;
  words?: readonly string[];
  active?: boolean;
}

export interface Found {
  /** Ids, likeliest first. */
  types: string[];
  /** Say 911 first. */
  help: boolean;
  /** Ids of whose matter it is, with what to say of it in `whose`. */
  elsewhere: string[];
}

/** Keys that are no type: whoever needs 911, and `@<id>` for another's matter. */
const HELP = "!";
const ELSEWHERE = "@";
const isType = (key: string): boolean => key !== HELP && !key.startsWith(ELSEWHERE);

/** How much a type's name, its own words and a way of saying it teach. */
const NAME = 3;
const OWN = 1.5;
const SAID = 1;
const WHOLE_NAME = 100;
/** A word that means the same, the word's own form over its stem's, a beginning or a mistake. */
const ALIKE = 0.7;
const WHOLE = 0.5;
const GUESSED = 0.5;
/** Of the best score: what is shown at all, and what is meant as surely as the best. */
const SHOWN = 0.2;
const SURE = 0.6;
const SHORTEST_BEGINNING = 3;
const SHORTEST_MISTAKEN = 5;

const list = (text: string): string[] => text.split(" ");
const empty = new Set(list(lexicon.empty));
const denying = new Set(list(lexicon.denying));
const alarm = new Set(list(lexicon.alarm).map(sound));
const alarmTypes = new Set(list(lexicon.alarm_types));
const groups = new Map<string, string>();
lexicon.same.forEach((group, number) => {
  for (const word of list(group)) {
    const heard = stem(word);
    if (!groups.has(heard)) groups.set(heard, `@${number}`);
  }
});

const elsewhere = said.elsewhere as Record<string, { says: string; said: string[] }>;
const told = said.told as Record<string, string>;

/** Whose matter it is, in a sentence. */
export const whose = (id: string): string => elsewhere[id]?.says ?? "";
/** Where a type leads that nobody reports on the phone; null for all others. */
export const toldOf = (type: string): string | null => told[type] ?? null;

/** Whole words, stems, their groups and their pairs, each once, in order of speech. */
function features(text: string): string[] {
  const found = new Set<string>();
  let before = "";
  for (const word of fold(text).split(" ")) {
    if (denying.has(word)) before = "no";
    if (!word || denying.has(word) || empty.has(word)) continue;
    const heard = stem(word);
    const group = groups.get(heard);
    found.add(`=${sound(word)}`).add(heard);
    if (group) found.add(group);
    if (before) found.add(`${before}_${group ?? heard}`);
    before = group ?? heard;
  }
  return [...found];
}

function weight(feature: string): number {
  if (feature.includes("_")) return 1;
  return feature.startsWith("@") ? ALIKE : feature.startsWith("=") ? WHOLE : 1;
}

const every: [string, string[]][] = [
  ...Object.entries(said.types),
  [HELP, said.help],
  ...Object.entries(elsewhere).map(([id, entry]): [string, string[]] => [ELSEWHERE + id, entry.said]),
];
const learned: [string, string[][]][] = [];

/** Reads the ways of saying the next meaning; false when all are read. */
function readOne(): boolean {
  const next = every[learned.length];
  if (next) learned.push([next[0], next[1].map(features)]);
  return learned.length < every.length;
}

/** The ways of saying things by what they mean, read once. */
function ways(): [string, string[][]][] {
  while (readOne());
  return learned;
}

/** Reads them ahead of the first keystroke, meaning by meaning, a millisecond or so each; done when all are read. */
export async function warm(breathe: () => Promise<void>): Promise<void> {
  while (readOne()) await breathe();
}

export class Finder {
  readonly #names = new Map<string, string[]>();
  readonly #rows = new Map<string, Map<string, number>>();
  readonly #vocabulary: string[];
  readonly #classes: number;

  /** Over the catalogue by bare id; only active types are found, and never "unknown". */
  constructor(types: ReadonlyMap<string, Findable>) {
    const keys = new Set<string>();
    for (const [key, type] of types) {
      if (!type.active || key === "unknown") continue;
      keys.add(key);
      const name = fold(type.name);
      this.#names.set(name, [...(this.#names.get(name) ?? []), key]);
      this.#learn(key, features(type.name), NAME);
      for (const words of type.words ?? []) this.#learn(key, features(words), OWN);
    }
    for (const [key, texts] of ways()) {
      if (isType(key) && !keys.has(key)) continue;
      keys.add(key);
      for (const each of texts) this.#learn(key, each, SAID);
    }
    this.#classes = keys.size;
    this.#vocabulary = [...this.#rows.keys()].filter((word) => !/_|^[@=]/.test(word)).sort();
  }

  #learn(key: string, found: string[], much: number): void {
    for (const feature of found) {
      const row = this.#rows.get(feature) ?? new Map<string, number>();
      row.set(key, (row.get(key) ?? 0) + much);
      this.#rows.set(feature, row);
    }
  }

  /** What `text` may mean; at most `most` types. */
  find(text: string, most = 6): Found {
    const scores = this.#scores(text);
    const of = (key: string): number => scores.get(key) ?? 0;
    const ranked = [...scores.keys()].sort((a, b) => of(b) - of(a) || (a < b ? -1 : 1));
    const best = of(ranked[0] ?? "");
    const sure = ranked.slice(0, 3).filter((key) => of(key) >= SURE * best);
    return {
      types: ranked.filter((key) => isType(key) && of(key) >= SHOWN * best).slice(0, most),
      help:
        sure.includes(HELP) ||
        fold(text)
          .split(" ")
          .some((word) => alarm.has(sound(word))) ||
        sure.slice(0, 2).some((key) => alarmTypes.has(key)),
      elsewhere: sure
        .filter((key) => key.startsWith(ELSEWHERE))
        .map((key) => key.slice(1))
        .slice(0, 1),
    };
  }

  #scores(text: string): Map<string, number> {
    const scores = new Map<string, number>();
    for (const feature of features(text)) this.#count(scores, feature, weight(feature));
    const exact = scores.size > 0;
    const words = fold(text).split(" ");
    words.forEach((word, number) => {
      if (empty.has(word) || this.#rows.has(stem(word))) return;
      for (const near of this.#near(word, number === words.length - 1, exact))
        this.#count(scores, near, GUESSED);
    });
    for (const key of this.#names.get(fold(text)) ?? []) scores.set(key, (scores.get(key) ?? 0) + WHOLE_NAME);
    // Phone and server round alike, whatever their logarithms' last bit.
    for (const [key, score] of scores) scores.set(key, Math.round(score * 1e6) / 1e6);
    return scores;
  }

  #count(scores: Map<string, number>, feature: string, much: number): void {
    const row = this.#rows.get(feature);
    if (!row) return;
    const telling = much * Math.log(1 + this.#classes / row.size);
    let total = 1;
    for (const count of row.values()) total += count;
    for (const [key, count] of row)
      scores.set(key, (scores.get(key) ?? 0) + telling * Math.sqrt(count / total));
  }

  /** Known stems that the last word begins, or from which a word strays by one letter. */
  #near(word: string, last: boolean, exact: boolean): string[] {
    const begin = sound(word);
    if (last && begin.length >= SHORTEST_BEGINNING) {
      const begun = this.#vocabulary.filter((known) => known.startsWith(begin));
      if (begun.length > 0) return begun.slice(0, 8);
    }
    const heard = stem(word);
    if (exact || heard.length < SHORTEST_MISTAKEN) return [];
    return this.#vocabulary.filter(
      (known) => known.length >= SHORTEST_MISTAKEN - 1 && isWithin(heard, known, 1, false),
    );
  }
}

let kept: { of: ReadonlyMap<string, Findable>; finder: Finder } | null = null;

/** The catalogue's search, made anew only when the catalogue is another. */
export function finder(types: ReadonlyMap<string, Findable>): Finder {
  if (kept?.of !== types) kept = { of: types, finder: new Finder(types) };
  return kept.finder;
}

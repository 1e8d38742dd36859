/**
 * A Spanish word reduced to what it sounds like and to its stem: "cayeron", "calló" and "se caen" are one.
 *
 * Law: the server does the very same (`server/catalogue/sounding.py`); `schemas/cases/type_words.json` holds both.
 */
import lexicon from "@schemas/finding/lexicon.json";

/** Spelled alike or sounded alike, in this order. */
const SOUNDS: [RegExp, string][] = [
  [/ch/g, "1"],
  [/ph/g, "f"],
  [/gu(?=[ei])/g, "2"],
  [/g(?=[ei])/g, "j"],
  [/2/g, "g"],
  [/qu(?=[ei])|q/g, "k"],
  [/c(?=[ei])/g, "s"],
  [/c/g, "k"],
  [/z|x/g, "s"],
  [/v/g, "b"],
  [/ll/g, "y"],
  [/h/g, ""],
  [/n(?=[bp])/g, "m"],
  [/^w|^gu(?=a)/g, "w"],
  [/(?<=[aeou])y(?![aeiou])/g, "i"],
  [/([a-z0-9])\1/g, "$1"],
];

/** Of number, gender, person, tense and size, as they sound; the longest that leaves three letters goes. */
const ENDINGS = lexicon.endings.split(" ").sort((a, b) => b.length - a.length);

/** Lower case without accents (ñ as n), words separated by single spaces; "2ª" is "2a". */
export function fold(text: string): string {
  return text
    .replace(/[º°]/g, "o")
    .replace(/ª/g, "a")
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, " ")
    .trim();
}

/** The same thousand words are asked for again and again; a long day of typing stays small. */
function remembering(work: (word: string) => string): (word: string) => string {
  const known = new Map<string, string>();
  return (word) => {
    const had = known.get(word);
    if (had !== undefined) return had;
    const made = work(word);
    if (known.size < 10_000) known.set(word, made);
    return made;
  };
}

/** How a folded word sounds to who writes as he speaks. */
export const sound = remembering((word) =>
  SOUNDS.reduce((heard, [pattern, to]) => heard.replace(pattern, to), word),
);

/** The stem of a folded word, as it sounds; what is short or a number stays whole. */
export const stem = remembering((word) => {
  const heard = sound(word);
  if (heard.length <= 3 || /^[0-9]/.test(heard)) return heard;
  const ending = ENDINGS.find((each) => heard.endsWith(each) && heard.length - each.length >= 3);
  // "muerde" and "morder", "cierra" and "cerrar"; "apague" and "apagar".
  return (ending ? heard.slice(0, -ending.length) : heard).replaceAll("ue", "o").replaceAll("ie", "e");
});

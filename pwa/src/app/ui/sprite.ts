/**
 * Where pictograms are drawn from: the sprite's file at first, then a copy of its symbols in the page itself.
 *
 * Law: the first screen waits for nothing; once it stands the symbols move in, because a `use` pointed at another
 * symbol of a file costs a slowed phone five times what it costs within the page (docs/benchmarks.md). Where the
 * file does not come, or is no sprite, everything is drawn from the file as before.
 */
import file from "./sprite.svg?url&no-inline";

/** Keeps the symbols' ids apart from the page's own, such as `main`. */
const PREFIX = "sprite-";

let symbols = `${file}#`;

/** What a `use` element refers to for the pictogram of this name. */
export const drawnFrom = (name: string): string => `${symbols}${name}`;

/** Brings the symbols into the page; pictograms drawn or changed from then on come from there. */
export async function bringSymbols(): Promise<void> {
  let text: string;
  try {
    const answer = await fetch(file);
    if (!answer.ok) return;
    text = await answer.text();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return;
  }
  const read = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const found = read.querySelectorAll("symbol");
  if (found.length === 0) return;
  for (const symbol of found) symbol.id = PREFIX + symbol.id;
  const kept = document.importNode(read, false);
  // An attribute, not a style: the content security policy allows no inline style.
  kept.setAttribute("display", "none");
  kept.setAttribute("aria-hidden", "true");
  kept.append(...found);
  document.body.append(kept);
  symbols = `#${PREFIX}`;
}

/** The search over this phone's own catalogue. Law: whoever imports it is fetched when needed, not at the start. */
import type { PetitionType } from "../../shared/documents.ts";
import { types } from "../state/index.ts";
import { type Found, finder, warm } from "./finder.ts";

export { toldOf, whose } from "./finder.ts";
export { keepTyped, typed } from "./typed.ts";

/** What the words may mean in this municipality's catalogue. */
export const find = (query: string, most?: number): Found => finder(types.value).find(query, most);

/** The whole active catalogue for "", by name; otherwise likeliest first. */
export function searchTypes(query: string, most = 20): PetitionType[] {
  const known = types.value;
  if (query.trim() !== "")
    return find(query, most)
      .types.map((id) => known.get(id))
      .filter((type) => type !== undefined);
  return [...known.values()]
    .filter((type) => type.active !== false)
    .sort((a, b) => a.name.localeCompare(b.name, "es"));
}

/** Made ready while a person still looks at the tiles: no keystroke waits for it. */
export function makeReady(): void {
  void warm(() => new Promise((done) => setTimeout(done, 0)));
}

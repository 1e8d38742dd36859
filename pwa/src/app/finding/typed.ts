/** What stands in the search of types: kept for a report whose type nobody knows. */
import { own } from "../state/index.ts";

const search = own(() => ({ text: "" }));

export const typed = (): string => search().text;

export function keepTyped(text: string): void {
  search().text = text;
}

/** What stands in the search of types: kept for a report whose type nobody knows. */
import { signal } from "@preact/signals";

export const typed = signal("");

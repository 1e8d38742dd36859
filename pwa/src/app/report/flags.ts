/** A flag's words, from the table the server shares; a code newer than this app shows as it is. */
import { flags } from "@schemas/flags.v1.json";

const WORDS: Readonly<Record<string, { text: string }>> = flags;

export const flagWords = (code: string): string =>
  Object.hasOwn(WORDS, code) ? (WORDS[code]?.text ?? code) : code;

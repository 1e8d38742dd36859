/**
 * Texts as events may carry them: no control characters but line feed and tab, no lone surrogates, trimmed.
 *
 * Law: cleaning never refuses: a keyboard's stray character must not cost a person their report.
 */

const LONGEST = 4000;

export function cleanText(text: string): string {
  return (
    text
      .replaceAll("\r\n", "\n")
      .replaceAll("\r", "\n")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters event.v1 refuses.
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, " ")
      .replace(/\p{Cs}/gu, "\ufffd")
      .trim()
      .slice(0, LONGEST)
      // The cut may have halved a pair.
      .replace(/\p{Cs}/gu, "")
  );
}

/** A copy with every text cleaned, and members without a value (undefined, null, "") left out. */
export function clean<T>(value: T): T {
  if (typeof value === "string") return cleanText(value) as T;
  if (Array.isArray(value)) return value.map((item) => clean(item)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .map(([name, item]) => [name, clean(item)] as const)
    .filter(([, item]) => item !== undefined && item !== null && item !== "");
  return Object.fromEntries(entries) as T;
}

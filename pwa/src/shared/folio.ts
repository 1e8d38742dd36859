/**
 * The provisional folio: what a person can read out before the municipality has answered.
 *
 * Law: it comes from the report id's random bits alone, so phone and server agree without talking; one wrong or
 * two swapped characters are caught by the check character. The table is `schemas/cases/provisional-folio*.json`.
 */

/** Crockford's base 32: no I, L, O, U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Characters before the check character: 40 random bits. */
const LENGTH = 8;

export function provisionalFolio(report: string): string {
  const bits = BigInt(`0x${report.replaceAll("-", "").slice(-10)}`);
  let text = "";
  for (let i = LENGTH - 1; i >= 0; i--) text += ALPHABET[Number((bits >> BigInt(5 * i)) & 31n)];
  return text + checkCharacter(text);
}

function checkCharacter(text: string): string {
  let sum = 0;
  for (const character of text) sum = (sum * 32 + ALPHABET.indexOf(character)) % 31;
  return ALPHABET[sum] ?? "";
}

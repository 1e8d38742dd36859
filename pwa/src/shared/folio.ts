/**
 * The provisional folio: what a person can read out before the municipality has answered.
 *
 * Law: a pure function of the report's id, so phone and server say the same without asking; one wrong character,
 * or any two exchanged, is always noticed. Eight Crockford characters are the last 40 bits of the uuid7 (random,
 * RFC 9562 §5.7); the ninth checks them: the sum of alpha^(8-i) times character i over GF(32) is zero.
 */

/** Crockford's base 32: no I, L, O, U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 9;

/** Powers of alpha = x in GF(2)[x] / (x^5 + x^2 + 1), a primitive polynomial: the first 31 all differ. */
const POWERS: number[] = [1];
while (POWERS.length < 31) {
  const doubled = (POWERS.at(-1) ?? 0) << 1;
  POWERS.push(doubled & 0b100000 ? doubled ^ 0b100101 : doubled);
}

function timesAlpha(value: number, exponent: number): number {
  return value === 0 ? 0 : (POWERS[(POWERS.indexOf(value) + exponent) % 31] ?? 0);
}

function check(values: number[]): number {
  return values.reduce((total, value, position) => total ^ timesAlpha(value, LENGTH - 1 - position), 0);
}

const grouped = (letters: string): string =>
  `${letters.slice(0, 3)}-${letters.slice(3, 6)}-${letters.slice(6)}`;

/** `K7Q-M2R-9TX` for a report's uuid. Throws RangeError where the id holds no 32 hex digits. */
export function provisionalFolio(report: string): string {
  const digits = report.replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/i.test(digits)) throw new RangeError(`${report} is not a uuid`);
  const bits = BigInt(`0x${digits.slice(22)}`);
  const values = Array.from({ length: 8 }, (_, i) => Number((bits >> BigInt(35 - 5 * i)) & 31n));
  return grouped([...values, check(values)].map((value) => ALPHABET[value]).join(""));
}

/**
 * The provisional folio a person wrote, in its form, or null where it cannot be one. Case, spaces and hyphens do
 * not matter; O reads as 0, I and L as 1.
 */
export function readProvisionalFolio(text: string): string | null {
  const letters = text
    .replace(/[\s\u2010-\u2015-]/g, "")
    .toUpperCase()
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");
  const values = [...letters].map((letter) => ALPHABET.indexOf(letter));
  if (values.length !== LENGTH || values.includes(-1)) return null;
  return check(values.slice(0, -1)) === values.at(-1) ? grouped(letters) : null;
}

/** The rule by which the shared tables of `schemas/cases` compare (schemas/README.md), for vitest. */

export interface Case {
  description: string;
  given: unknown;
  expect: unknown;
}

/** Where `expect` does not match `found`; null where it does. What is absent counts as null. */
export function mismatch(expect: unknown, found: unknown, path = ""): string | null {
  if (Array.isArray(expect) && Array.isArray(found)) {
    if (expect.length !== found.length) return `${path}: ${found.length} items, not ${expect.length}`;
    return first(expect.map((inner, index) => mismatch(inner, found[index], `${path}/${index}`)));
  }
  if (isObject(expect) && isObject(found)) {
    return first(
      Object.entries(expect).map(([name, inner]) => mismatch(inner, found[name], `${path}/${name}`)),
    );
  }
  return (expect ?? null) === (found ?? null)
    ? null
    : `${path}: ${JSON.stringify(found)}, not ${JSON.stringify(expect)}`;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const first = (wrongs: (string | null)[]): string | null => wrongs.find((wrong) => wrong !== null) ?? null;

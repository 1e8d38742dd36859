/**
 * Chapters of the book of words (`schemas/words.v1.json`) as the app's words use them.
 *
 * Law: a code's word stands in the book alone; what is written here only picks the form.
 */
type Entry = { text: string; told?: string; now?: string };

const chosen = <C extends string>(
  chapter: Record<C, Entry>,
  form: (one: Entry) => string,
): Record<C, string> =>
  Object.fromEntries(Object.entries<Entry>(chapter).map(([code, one]) => [code, form(one)])) as Record<
    C,
    string
  >;

/** What lists and labels say. */
export const texts = <C extends string>(chapter: Record<C, Entry>) => chosen(chapter, (one) => one.text);

/** How a history tells it. */
export const told = <C extends string>(chapter: Record<C, Entry>) =>
  chosen(chapter, (one) => one.told ?? one.text);

/** How a choice on the spot says it. */
export const now = <C extends string>(chapter: Record<C, Entry>) =>
  chosen(chapter, (one) => one.now ?? one.text);

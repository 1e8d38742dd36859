/**
 * Ids of documents on screens.
 *
 * Law: a screen shows no id and takes none apart elsewhere.
 */

/** A document's id without its kind: `type:lamp-off` → `lamp-off`. */
export const bare = (id: string): string => id.slice(id.indexOf(":") + 1);

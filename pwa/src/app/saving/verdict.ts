/**
 * What the worker says of the photos that an act is about to take.
 *
 * Law: saving waits for it a moment and no longer; a photo still unjudged then is taken, and follows by itself.
 */
import type { AccountStore } from "../storage/account.ts";

/** Longer than most phones need for one photo, shorter than a second tap on "Guardar". */
export const VERDICT_MS = 1_500;

/** Photos that cannot be drawn on this phone, and so never sent. Nothing was saved: the form is as it was. */
export class UnusablePhotos extends Error {
  constructor(readonly ids: string[]) {
    super(`photos that cannot be drawn: ${ids.join(" ")}`);
  }
}

/**
 * Throws UnusablePhotos where some of `ids` are known, within `patience` milliseconds, to be broken. `made` resolves
 * when the worker has judged one.
 */
export async function judged(
  db: AccountStore,
  ids: readonly string[],
  made: (id: string) => Promise<void>,
  patience = VERDICT_MS,
): Promise<void> {
  const found = await Promise.all(ids.map((id) => db.get("photos", id)));
  const open = found.filter((photo) => photo?.state === "saved").map((photo) => photo?.id ?? "");
  if (open.length > 0) {
    let end: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<void>((resolve) => {
      end = setTimeout(resolve, patience);
    });
    await Promise.race([Promise.all(open.map(made)), over]);
    clearTimeout(end);
  }
  const now = await Promise.all(ids.map((id) => db.get("photos", id)));
  const broken = now.filter((photo) => photo?.state === "broken" && photo.event === null);
  if (broken.length > 0) throw new UnusablePhotos(broken.map((photo) => photo?.id ?? ""));
}

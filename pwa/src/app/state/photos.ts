/** Photos and pictures of the account in use, as screens ask for them. */
import { onRing } from "../storage/bell.ts";
import { maybeAccount, theAccount } from "./current.ts";
import { photo_wait } from "./network.ts";
import { profile, rows, sync } from "./signals.ts";

export function photoUrl(
  id: string,
  width: 320 | 1280 = 320,
  report: string | null = null,
): Promise<string | null> {
  return theAccount().pictures.url(id, width, report);
}

/** Calls when the picture of this hash may be seen no longer. Returns how to stop. */
export function onPhotoGone(id: string, call: () => void): () => void {
  return onRing(({ what, ids }) => {
    if (what === "pictures" && ids?.includes(id)) call();
  });
}

const TO_DO: ReadonlySet<string> = new Set(["assigned", "started", "paused"]);

/** With signal, after news: the pictures of a brigade's orders come before anybody asks, the most urgent orders' first. */
export function tendPictures(): void {
  const open = maybeAccount();
  if (!open || !sync.peek().online || sync.peek().limited) return;
  const mayFetch = photo_wait.peek() === "nothing";
  const brigade = profile.peek()?.brigade;
  const orders =
    !mayFetch || !brigade
      ? []
      : rows
          .peek()
          .filter((row) => row.assignments.some((one) => one.brigade === brigade && TO_DO.has(one.status)))
          .sort((a, b) => a.priority - b.priority || (a.due_at ?? "9").localeCompare(b.due_at ?? "9"))
          .map((row) => row.id);
  void open.pictures.tend(orders);
}

/** Copies of the account in use have changed. */
export async function refreshPictures(): Promise<void> {
  await maybeAccount()?.pictures.refresh();
}

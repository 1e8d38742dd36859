/**
 * Opening the phone to a person: an account takes the place of the one before, the list first.
 *
 * Law: what a person needs to begin is read before they are shown in, and everything else after the first frame
 * (`account.ts`). Another person's PIN is asked whoever brought them here.
 */
import { batch } from "@preact/signals";
import type { Role } from "../../shared/documents.ts";
import { workerMill } from "../saving/photos.ts";
import { type AccountEntry, writeValue } from "../storage/phone.ts";
import { browserLine } from "../sync/request.ts";
import { openAccount, type Surroundings } from "./account.ts";
import { tenancy, thePhone } from "./current.ts";
import { Leavers } from "./leavers.ts";
import { photo_wait } from "./network.ts";
import { boot, network, online, storage } from "./phone.ts";
import type { Make } from "./preview.ts";

/** Knows no account: it is given bytes and gives bytes back. */
const mill = workerMill(
  () => new Worker(new URL("../../worker/photo.ts", import.meta.url), { type: "module" }),
);

const surroundings = (): Surroundings => ({
  phone: thePhone(),
  line: browserLine,
  mill,
  online,
  network,
  photoWait: photo_wait,
  storage,
  firstScreen: (role) => tenancy.firstScreens.get(role),
  drawn,
  breathe,
  leave: moveOn,
});

/** Opens an account's store and fills the screens from it; behind its lock unless its person has proved to be here. */
export async function useAccount(entry: AccountEntry, phase: "ready" | "locked" = "ready"): Promise<void> {
  const account = await tenancy.enter(() => openAccount(entry, surroundings(), location.hash));
  if (!account) return;
  boot.value = { phase };
  account.begin();
}

/** Whoever was here has left: the next who is on the phone, behind their own lock, else nobody. */
export async function moveOn(): Promise<void> {
  batch(() => {
    vacate();
    boot.value = { phase: "no_account" };
  });
  const next = (await thePhone().getAll("accounts")).find((other) => !other.signed_out);
  await writeValue(thePhone(), "active", next?.account ?? null);
  if (next) await useAccount(next, lockOf(next));
}

/** How whoever has proved nothing yet finds an account. */
export const lockOf = ({ pin }: AccountEntry): "ready" | "locked" => (pin === null ? "ready" : "locked");

/** Nobody uses the phone; those who left may have left work behind. */
export function vacate(): void {
  const leavers = new Leavers({ phone: thePhone(), line: browserLine, network, photoWait: photo_wait });
  tenancy.vacate(leavers);
  leavers.kick();
}

/** A first screen says how its lists are made of rows. A phone may hold a brigade's account and a leader's. */
export function previewWith(roles: readonly Role[], lists: Make): void {
  for (const role of roles) tenancy.firstScreens.set(role, lists);
}

/** Resolves after the next frame, or soon where nobody looks and no frame comes. */
function drawn(): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, 200);
    requestAnimationFrame(() =>
      setTimeout(() => {
        clearTimeout(late);
        resolve();
      }),
    );
  });
}

/** Lets the browser draw and listen. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof requestIdleCallback === "function") requestIdleCallback(() => resolve(), { timeout: 500 });
    else setTimeout(resolve, 16);
  });
}

/**
 * Files carried for colleagues: handed in as they are, since this phone cannot read them.
 *
 * Law: a carried file goes only when the municipality has taken it, or has said for good that it cannot.
 */
import type { AccountStore } from "../storage/account.ts";
import type { PhoneStore } from "../storage/phone.ts";
import { type Line, Trouble } from "./request.ts";
import { askAs } from "./session.ts";

/** Never readable, however often it is brought. */
const FINAL = new Set(["courier_unreadable", "courier_key_unknown", "too_large"]);

export async function deliverCarried(phone: PhoneStore, bearer: AccountStore, line: Line): Promise<number> {
  let delivered = 0;
  for (const file of await phone.getAll("couriers")) {
    try {
      await askAs<unknown>(bearer, line, "/api/courier", {
        raw: { bytes: new Blob([file.bytes]), type: "application/json" },
      });
      delivered += 1;
    } catch (error) {
      if (!(error instanceof Trouble) || !FINAL.has(error.code)) throw error;
    }
    await phone.delete("couriers", file.id);
  }
  return delivered;
}

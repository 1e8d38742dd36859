/**
 * Who uses the phone now: its one open account, or nobody.
 *
 * Law: at most one account is open, and it alone feeds the screens; whoever takes its place closes it. With `phone.ts`
 * the one module of this room that keeps anything in itself.
 */
import { signal } from "@preact/signals";
import type { Role } from "../../shared/documents.ts";
import type { PhoneStore } from "../storage/phone.ts";
import type { Account } from "./account.ts";
import type { Leavers } from "./leavers.ts";
import type { Make } from "./preview.ts";

export class NoAccount extends Error {
  constructor() {
    super("no account is open");
    this.name = "NoAccount";
  }
}

class Tenancy {
  readonly open = signal<Account | null>(null);
  /** How the first screens of roles make their lists: code, and nobody's rows. */
  readonly firstScreens = new Map<Role, Make>();
  phone: PhoneStore | null = null;
  #leavers: Leavers | null = null;
  #turn = 0;

  /** Opens one in the place of who was here; where another was asked for meanwhile, that one stays. */
  async enter(opening: () => Promise<Account>): Promise<Account | null> {
    this.#turn += 1;
    const mine = this.#turn;
    const account = await opening();
    const before = this.open.peek();
    if (mine === this.#turn && before) {
      before.pictures.close();
      await before.settled();
      // What another person looked at is not left on the phone for this one.
      if (before.entry.account !== account.entry.account) await before.pictures.empty();
    }
    if (mine !== this.#turn) {
      account.close();
      return null;
    }
    this.#settle(account, null);
    return account;
  }

  /** Nobody is here; `leavers` hands over what is left behind. */
  vacate(leavers: Leavers): void {
    this.#turn += 1;
    this.#settle(null, leavers);
  }

  #settle(account: Account | null, leavers: Leavers | null): void {
    const before = this.open.peek();
    this.#leavers?.end();
    this.#leavers = leavers;
    this.open.value = account;
    before?.close();
  }
}

export const tenancy = new Tenancy();

export function thePhone(): PhoneStore {
  if (!tenancy.phone) throw new NoAccount();
  return tenancy.phone;
}

/** The account in use. Throws NoAccount before there is one. */
export function theAccount(): Account {
  const open = tenancy.open.peek();
  if (!open) throw new NoAccount();
  return open;
}

export function maybeAccount(): Account | null {
  return tenancy.open.peek();
}

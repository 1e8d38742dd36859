import { afterEach, expect, test, vi } from "vitest";
import { ifFree, locked } from "../../../src/app/storage/lock.ts";
import { writeValue } from "../../../src/app/storage/phone.ts";
import { FROZEN_MS } from "../../../src/app/sync/round.ts";
import { Municipality } from "../../municipality.ts";
import { enrolledPhone, freshStorage } from "../../phone.ts";

freshStorage();
afterEach(() => vi.unstubAllGlobals());

/** Web Locks as far as rounds use them: exclusive, ifAvailable, steal. */
function webLocks() {
  const held = new Set<string>();
  return {
    held,
    async request(name: string, ...rest: unknown[]) {
      const work = rest.at(-1) as (lock: object | null) => Promise<unknown>;
      const { ifAvailable, steal } = (rest.length > 1 ? rest[0] : {}) as {
        ifAvailable?: boolean;
        steal?: boolean;
      };
      if (held.has(name) && !steal) {
        if (ifAvailable) return work(null);
        throw new Error("a test would wait for ever");
      }
      held.add(name);
      try {
        return await work({ name });
      } finally {
        held.delete(name);
      }
    },
  };
}

test("without Web Locks one runs after the other, and a failure lets the next one in", async () => {
  const order: string[] = [];
  const first = locked("a", async () => {
    order.push("first");
    throw new Error("no");
  });
  const second = locked("a", async () => order.push("second"));
  expect(await ifFree("a", async () => "ran")).toBeNull();
  await expect(first).rejects.toThrow("no");
  await second;
  expect(order).toEqual(["first", "second"]);
  expect(await ifFree("a", async () => "ran")).toBe("ran");
});

test("a round of a frozen tab is taken over, one that lives is not", async () => {
  const locks = webLocks();
  vi.stubGlobal("navigator", { locks });
  const city = new Municipality();
  const phone = await enrolledPhone();
  await phone.capture();
  locks.held.add("manzana:round");
  await writeValue(phone.phone, "heartbeat", phone.at - FROZEN_MS + 1000);
  expect(await phone.round(city)).toBeNull();
  await writeValue(phone.phone, "heartbeat", phone.at - FROZEN_MS - 1000);
  expect(await phone.round(city)).toMatchObject({ received: 1 });
});

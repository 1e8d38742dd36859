import { expect, test } from "vitest";
import { Grinder } from "../../../src/app/pictures/grinder.ts";
import type { PhotoMade } from "../../../src/worker/photo.ts";
import { enrolledPhone, freshStorage, HASH } from "../../phone.ts";

freshStorage();

test("whoever needs a photo waits until it is made; one stored meanwhile is made too", async () => {
  const phone = await enrolledPhone();
  const open: (() => void)[] = [];
  let rung = 0;
  const grinder = new Grinder(
    phone.db,
    (id) =>
      new Promise<PhotoMade>((resolve) => {
        open.push(() => resolve({ id, ok: true, bytes: new ArrayBuffer(2), sha256: HASH("a") } as PhotoMade));
      }),
    phone.said,
    () => {
      rung += 1;
    },
  );
  const until = async (count: number) => {
    while (open.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  await phone.photo("a1", false);
  grinder.start();
  await until(1);
  await phone.photo("b1", false);
  grinder.start();
  const first = grinder.made("a1");
  open[0]?.();
  await first;
  expect((await phone.db.get("photos", "a1"))?.state).toBe("ready");
  await until(2);
  open[1]?.();
  await grinder.made("b1");
  expect((await phone.db.get("photos", "b1"))?.state).toBe("ready");
  expect(rung).toBeGreaterThan(0);
});

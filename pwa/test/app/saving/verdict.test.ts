import { expect, test } from "vitest";
import { judged, UnusablePhotos } from "../../../src/app/saving/verdict.ts";
import { enrolledPhone, freshStorage, type TestPhone } from "../../phone.ts";

freshStorage();

const never = () => new Promise<void>(() => undefined);
const becomes = (phone: TestPhone, state: "ready" | "broken") => async (id: string) => {
  await phone.photo(id, state === "ready", { state });
};

test("saving hears that a photo just taken cannot be drawn, and takes the others", async () => {
  const phone = await enrolledPhone();
  await phone.photo("a1");
  await phone.photo("b1", false);
  const refused = judged(phone.db, ["a1", "b1"], becomes(phone, "broken"), 60_000);
  await expect(refused).rejects.toMatchObject({ ids: ["b1"] });
  await expect(refused).rejects.toBeInstanceOf(UnusablePhotos);
  await phone.photo("c1", false);
  await judged(phone.db, ["a1", "c1"], becomes(phone, "ready"), 60_000);
});

test("it waits for no verdict longer than its patience, nor at all where every photo has one", async () => {
  const phone = await enrolledPhone();
  await phone.photo("a1");
  await phone.photo("b1", false);
  await judged(phone.db, ["b1"], never, 1);
  await judged(phone.db, ["a1"], never, 2 ** 31 - 1);
  await judged(phone.db, [], never, 2 ** 31 - 1);
});

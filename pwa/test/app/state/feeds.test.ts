/** The outline stands apart from the settings; a mailbox over its cap says how much of it is here. */
import { afterEach, expect, test } from "vitest";
import { forgetFeeds, readChanged, readLight } from "../../../src/app/state/feeds.ts";
import { locate } from "../../../src/app/state/places.ts";
import { held, outline } from "../../../src/app/state/signals.ts";
import { openAccount } from "../../../src/app/storage/account.ts";
import { mine } from "../../../src/app/words/mine.ts";
import { freshStorage } from "../../phone.ts";

freshStorage();
afterEach(forgetFeeds);

const square = (size: number) => ({
  type: "Polygon",
  coordinates: [
    [
      [-100, 20],
      [-100 + size, 20],
      [-100 + size, 20 + size],
      [-100, 20 + size],
      [-100, 20],
    ],
  ],
});
const settings = { _id: "settings", municipality: "Prueba", timezone: "America/Mexico_City" };

test("a point is judged by the outline's own document, and by the settings' where there is none", async () => {
  const db = await openAccount("rocio");
  await db.put("reference-a", { ...settings, outline: square(2) });
  await readLight(db);
  expect(locate(21, -99).outside).toBe(false);
  await db.put("reference-a", { _id: "outline", schema: "outline.v1", geometry: square(0.5) });
  await readChanged(db, "reference", ["outline"]);
  expect(outline.value).toEqual(square(0.5));
  expect(locate(21, -99).outside).toBe(true);
  expect(locate(20.2, -99.8).outside).toBe(false);
});

test("a mailbox over its cap is told with both numbers, until it no longer is", async () => {
  const db = await openAccount("rocio");
  await db.put("mailbox-a", { _id: "held", shown: 10_000, total: 24_754 });
  await readChanged(db, "mailbox", ["held"]);
  expect(mine.held(held.value?.shown ?? 0, held.value?.total ?? 0)).toContain("se muestran 10,000 de 24,754");
  await db.delete("mailbox-a", "held");
  await readChanged(db, "mailbox", ["held"]);
  expect(held.value).toBeNull();
  expect(mine.held(999, 1_234_567)).toContain("999 de 1,234,567");
});

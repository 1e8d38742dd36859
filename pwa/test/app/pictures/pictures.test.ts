import { afterEach, expect, test, vi } from "vitest";
import { Pictures } from "../../../src/app/pictures/pictures.ts";
import { pull } from "../../../src/app/sync/pull.ts";
import { Municipality } from "../../municipality.ts";
import { enrolledPhone, freshStorage, HASH } from "../../phone.ts";

freshStorage();
afterEach(() => vi.unstubAllGlobals());

const ONE = "01936f5a-0000-7000-8000-00000000000a";
const TWO = "01936f5a-0000-7000-8000-00000000000b";
const A = HASH("a");

/** A phone with one report that names A, before a municipality that shows it for as long as it likes. */
async function looking() {
  const city = new Municipality();
  const phone = await enrolledPhone();
  city.put("mailbox", {
    _id: `report:${ONE}`,
    schema: "report.v1",
    status: "captured",
    version: 1,
    evidence: [{ sha256: A, verdict: "ok" }],
  });
  await pull(phone.db, city.line, "mailbox");
  const shown = new Set<string>();
  let made = 0;
  vi.stubGlobal(
    "URL",
    class extends URL {
      static override createObjectURL(): string {
        made += 1;
        shown.add(`blob:${made}`);
        return `blob:${made}`;
      }
      static override revokeObjectURL(url: string): void {
        shown.delete(url);
      }
    },
  );
  const gone: string[] = [];
  const pictures = new Pictures(phone.db, {
    line: city.line,
    now: phone.now,
    made: async () => undefined,
    gone: (sha256) => gone.push(sha256),
  });
  const asked = () => city.log.filter(({ path }) => path.startsWith("/sync/evidence/"));
  return { city, phone, pictures, shown, gone, asked };
}

const offline = (city: Municipality): void =>
  city.fail("dropped", () => true, "before", Number.POSITIVE_INFINITY);

test("one looked at with signal is there without, in another session of the app too", async () => {
  const { city, phone, pictures } = await looking();
  expect(await pictures.url(A, 320, ONE)).not.toBeNull();
  pictures.close();
  offline(city);
  const later = new Pictures(phone.db, pictures.around);
  expect(await later.url(A, 320, ONE)).not.toBeNull();
  // The large one was never fetched: the small one is better than none.
  expect(await later.url(A, 1280, ONE)).not.toBeNull();
});

test("no cache is asked to keep any of it", async () => {
  const { city, pictures } = await looking();
  const fetched = vi.spyOn(city.line, "fetch");
  await pictures.url(A, 320, ONE);
  expect(fetched.mock.calls.map(([, init]) => init?.cache)).toEqual(["no-store"]);
});

test("looked at again with signal, one that may be seen no longer leaves store and screen", async () => {
  const { city, phone, pictures, shown, gone } = await looking();
  await pictures.url(A, 320, ONE);
  pictures.close();
  const again = new Pictures(phone.db, pictures.around);
  phone.at += 3600_000;
  city.hidden.add(A);
  expect(await again.url(A, 320, ONE)).not.toBeNull();
  await vi.waitFor(() => expect(gone).toEqual([A]));
  expect(await phone.db.count("pictures")).toBe(0);
  expect(await phone.db.count("picture-bytes")).toBe(0);
  expect(shown.size).toBe(0);
  expect(await again.url(A, 320, ONE)).toBeNull();
});

test("one nobody looks at is asked about within a day", async () => {
  const { city, phone, pictures, asked } = await looking();
  await pictures.url(A, 320, ONE);
  city.hidden.add(A);
  await pictures.tend([]);
  expect(asked()).toHaveLength(1);
  phone.at += 25 * 3600_000;
  await pictures.tend([]);
  expect(await phone.db.count("pictures")).toBe(0);
});

test("a line that fails takes nothing away", async () => {
  const { city, phone, pictures } = await looking();
  await pictures.url(A, 320, ONE);
  phone.at += 25 * 3600_000;
  offline(city);
  await pictures.tend([ONE]);
  expect(await phone.db.count("pictures")).toBe(1);
});

test("orders' pictures come before anybody looks, once", async () => {
  const { city, pictures, asked } = await looking();
  await pictures.tend([ONE, TWO]);
  await pictures.tend([ONE]);
  expect(asked()).toHaveLength(1);
  offline(city);
  expect(await pictures.url(A, 320, ONE)).not.toBeNull();
});

test("a copy that leaves takes what the screen shows along", async () => {
  const { city, phone, pictures, shown, gone } = await looking();
  await pictures.url(A, 320, ONE);
  city.remove("mailbox", `report:${ONE}`);
  await pull(phone.db, city.line, "mailbox");
  await pictures.refresh();
  expect(gone).toEqual([A]);
  expect(shown.size).toBe(0);
});

test("a photo of this phone is shown from it, and its report's pictures are not asked for", async () => {
  const { phone, pictures, asked } = await looking();
  await phone.photo("a1");
  expect(await pictures.url(A, 320, ONE)).not.toBeNull();
  expect(await pictures.url("a1", 320, null)).not.toBeNull();
  await pictures.refresh();
  expect(asked()).toEqual([]);
});

test("closed, it shows nothing more and keeps nothing that was on its way", async () => {
  const { phone, pictures, shown } = await looking();
  await pictures.url(A, 320, ONE);
  pictures.close();
  expect(shown.size).toBe(0);
  await pictures.empty();
  const late = pictures.url(A, 320, ONE);
  expect(await late).toBeNull();
  expect(await phone.db.count("pictures")).toBe(0);
});

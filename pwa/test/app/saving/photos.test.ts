import { expect, test } from "vitest";
import { Drafts } from "../../../src/app/saving/drafts.ts";
import { dropPhoto, grind, type Mill, storePhoto } from "../../../src/app/saving/photos.ts";
import { clean, cleanText } from "../../../src/app/saving/text.ts";
import { enrolledPhone, freshStorage, HASH } from "../../phone.ts";

freshStorage();
const picture = new Blob([new Uint8Array([9, 9, 9])], { type: "image/jpeg" });
const mill: Mill = async (id) => ({
  id,
  ok: true,
  bytes: new Uint8Array([1, 2]).buffer,
  sha256: HASH("a"),
  width: 2,
  height: 1,
});

test("the picture is stored as taken, then replaced by the made one with its hash", async () => {
  const phone = await enrolledPhone();
  const { id } = await storePhoto(phone.db, picture, "camera", phone.at);
  expect((await phone.db.get("bytes", id))?.byteLength).toBe(3);
  expect(await grind(phone.db, mill, phone.said)).toBe(1);
  expect(await phone.db.get("photos", id)).toMatchObject({
    state: "ready",
    sha256: HASH("a"),
    size: 2,
    origin: "camera",
  });
  expect((await phone.db.get("bytes", id))?.byteLength).toBe(2);
});

test("what cannot be drawn is broken and kept, and holds up nothing", async () => {
  const phone = await enrolledPhone();
  const bad = await storePhoto(phone.db, picture, "gallery", phone.at);
  const good = await storePhoto(phone.db, picture, "camera", phone.at + 1);
  await grind(
    phone.db,
    async (id, bytes) => (id === bad.id ? { id, ok: false, reason: "x" } : mill(id, bytes)),
    phone.said,
  );
  expect(await phone.db.get("photos", bad.id)).toMatchObject({ state: "broken" });
  expect((await phone.db.get("bytes", bad.id))?.byteLength).toBe(3);
  expect(await phone.db.get("photos", good.id)).toMatchObject({ state: "ready" });
});

test("only a photo no event has taken can be removed", async () => {
  const phone = await enrolledPhone();
  const { id } = await storePhoto(phone.db, picture, "camera", phone.at);
  await phone.capture({ photos: [id] });
  expect(await dropPhoto(phone.db, id)).toBe(false);
  const other = await storePhoto(phone.db, picture, "camera", phone.at);
  expect(await dropPhoto(phone.db, other.id)).toBe(true);
  expect(await phone.db.count("bytes")).toBe(1);
});

test("a draft's last keystroke lands, and discarding it takes its photos", async () => {
  const phone = await enrolledPhone();
  let rings = 0;
  const drafts = new Drafts(phone.db, phone.now, () => rings++);
  const photo = await storePhoto(phone.db, picture, "camera", phone.at);
  await Promise.all(["b", "ba", "bac", "bache"].map((text) => drafts.save("capture", { text }, [photo.id])));
  await drafts.flush();
  expect((await phone.db.get("drafts", "capture"))?.body).toEqual({ text: "bache" });
  expect(rings).toBeGreaterThan(0);
  await drafts.discard("capture");
  expect(await phone.db.count("drafts")).toBe(0);
  expect(await phone.db.count("photos")).toBe(0);
});

test("texts lose what events may not carry, and nothing else", () => {
  expect(cleanText("  uno\r\ndos\u0000tres\ud800 ")).toBe("uno\ndos tres\ufffd");
  expect(cleanText("😀".repeat(3000)).length).toBeLessThanOrEqual(4000);
  expect(clean({ a: "", b: undefined, c: { d: " x " }, e: [" y "], f: false, g: 0 })).toEqual({
    c: { d: "x" },
    e: ["y"],
    f: false,
    g: 0,
  });
});

test("what is typed after a draft was discarded stays, however late the discarding lands", async () => {
  const phone = await enrolledPhone();
  const drafts = new Drafts(phone.db, phone.now, () => undefined);
  const typed = drafts.save("capture", { text: "ba" }, []);
  const gone = drafts.discard("capture");
  const again = drafts.save("capture", { text: "fuga" }, []);
  await Promise.all([typed, gone, again]);
  expect((await drafts.load("capture"))?.body).toEqual({ text: "fuga" });
  expect((await phone.db.get("drafts", "capture"))?.body).toEqual({ text: "fuga" });
});

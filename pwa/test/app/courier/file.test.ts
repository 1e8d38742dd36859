import { expect, test } from "vitest";
import { isCourierFile, makeCourierFile, unsealWith } from "../../../src/app/courier/file.ts";
import { seal } from "../../../src/app/sealer/sealer.ts";
import { enrolledPhone, freshStorage, HASH, NOON, type TestPhone } from "../../phone.ts";

freshStorage();

async function withKey(phone: TestPhone): Promise<CryptoKey> {
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  await phone.db.put("reference-a", { _id: "settings", courier_key: { kty, crv, x, y, kid: "k1" } });
  return pair.privateKey;
}

test("only the municipality reads it, and it holds all that is unsent", async () => {
  const phone = await enrolledPhone();
  const key = await withKey(phone);
  await phone.capture({ citizen: { name: "Rosa Canela" }, photos: [await phone.photo("a1")] });
  await seal(phone.db, phone.now);
  const file = await makeCourierFile(phone.db, new Date(NOON));
  const text = (await file?.text()) ?? "";
  expect(file?.name).toBe("manzana-2026-11-22.json");
  expect(text).not.toContain("Rosa");
  expect(isCourierFile(text)).toBe(true);
  const content = await unsealWith(JSON.parse(text), key);
  expect(content.docs.map((doc) => doc._id.split(":")[0])).toEqual(["citizen", "event"]);
  expect(content.photos).toEqual([
    { sha256: HASH("a"), type: "image/jpeg", event: content.docs[1]?._id, data: "AQIDBA==" },
  ]);
  expect(await phone.custody()).toEqual(["saved"]);
});

test("a changed file does not open", async () => {
  const phone = await enrolledPhone();
  const key = await withKey(phone);
  await phone.capture();
  await seal(phone.db, phone.now);
  const file = JSON.parse((await (await makeCourierFile(phone.db, new Date(NOON)))?.text()) ?? "");
  await expect(unsealWith({ ...file, made_at: "2020-01-01T00:00:00.000Z" }, key)).rejects.toThrow();
});

test("without anything unsent, or without a key, there is no file", async () => {
  const phone = await enrolledPhone();
  await phone.capture();
  await seal(phone.db, phone.now);
  expect(await makeCourierFile(phone.db, new Date(NOON))).toBeNull();
  const other = await enrolledPhone("beto");
  await withKey(other);
  expect(await makeCourierFile(other.db, new Date(NOON))).toBeNull();
});

test.each([
  "",
  "hola",
  "[]",
  "null",
  '{"schema":"courier.v1"}',
  '{"schema":"x","kid":"","iv":"","ciphertext":""}',
])("%s is no courier file", (text) => expect(isCourierFile(text)).toBe(false));

import { expect, test } from "vitest";
import { enrol } from "../../../src/app/accounts/enrol.ts";
import { seal } from "../../../src/app/sealer/sealer.ts";
import { openStore, readMeta } from "../../../src/app/storage/account.ts";
import { type AccountEntry, openPhone, readValue } from "../../../src/app/storage/phone.ts";
import type { Line } from "../../../src/app/sync/request.ts";
import { freshStorage, NOON, TestPhone } from "../../phone.ts";

freshStorage();

interface Body {
  code: string;
  installation: string;
  public_key: JsonWebKey;
  challenge: string;
  sig: string;
}

/** An office that gives out one account; `lose` answers get lost after the code was used. */
function office(lose = 0): { line: Line; asked: Body[] } {
  const asked: Body[] = [];
  const given = new Map<string, string>();
  const line: Line = {
    origin: "",
    after: () => () => undefined,
    async fetch(input, init) {
      const body = JSON.parse(String(init?.body)) as Body;
      if (String(input).endsWith("/api/session/challenge")) {
        given.set(body.installation, `challenge-${given.size}-${asked.length}`);
        return Response.json({ challenge: given.get(body.installation) });
      }
      expect(await proven(body, given.get(body.installation))).toBe(true);
      given.delete(body.installation);
      asked.push(body);
      if (asked.length <= lose) throw new TypeError("Failed to fetch");
      return new Response(
        JSON.stringify({
          account: "lupita",
          name: "Lupita",
          role: "block_leader",
          device: `lupita~${body.installation}`,
          token: `t${asked.length}`,
          expires_at: "2027-01-01T00:00:00.000Z",
          municipality: "Hermosillo",
        }),
        { status: 201 },
      );
    },
  };
  return { line, asked };
}

/** Whether the body is signed by the key it names, over the challenge that was given to its installation. */
async function proven(body: Body, challenge: string | undefined): Promise<boolean> {
  if (!challenge || body.challenge !== challenge) return false;
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("jwk", body.public_key, curve, true, ["verify"]);
  const sig = Uint8Array.from(atob(body.sig.replaceAll("-", "+").replaceAll("_", "/")), (c) =>
    c.charCodeAt(0),
  );
  const hash = { name: "ECDSA", hash: "SHA-256" };
  return crypto.subtle.verify(hash, key, sig, new TextEncoder().encode(challenge));
}

test("a code gives an account whose key cannot leave the phone", async () => {
  const phone = await openPhone();
  const { line, asked } = office();
  const entry = await enrol(phone, line, { code: "12345678" }, "0.1.0", NOON);
  expect(entry).toMatchObject({ account: "lupita", needs_enrol: false, pin: null });
  expect(Object.keys(asked[0]?.public_key ?? {}).sort()).toEqual(["crv", "kty", "x", "y"]);
  const db = await openStore("lupita");
  const key = await readMeta(db, "key");
  expect(key?.private_key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("jwk", key!.private_key)).rejects.toThrow();
  expect(await readValue(phone, "active")).toBe("lupita");
});

test("a lost answer is repeated with the same installation and key", async () => {
  const phone = await openPhone();
  const { line, asked } = office(1);
  await expect(enrol(phone, line, { code: "12345678" }, "0.1.0", NOON)).rejects.toMatchObject({
    code: "offline",
  });
  await enrol(phone, line, { code: "12345678" }, "0.1.0", NOON);
  expect(asked[1]?.installation).toBe(asked[0]?.installation);
  expect(asked[1]?.public_key).toEqual(asked[0]?.public_key);
  expect(asked[1]?.challenge).not.toBe(asked[0]?.challenge);
  const db = await openStore("lupita");
  expect((await readMeta(db, "key"))?.installation).toBe(asked[0]?.installation);
});

test("enrolling anew keeps the outbox, begins a new chain and signs what was unsigned", async () => {
  const phone = await openPhone();
  const { line } = office();
  await enrol(phone, line, { code: "11111111" }, "0.1.0", NOON);
  const db = await openStore("lupita");
  const hand = new TestPhone("lupita", db, phone);
  await hand.capture();
  await seal(db, hand.now);
  const old = (await readMeta(db, "key"))?.device;
  await db.delete("meta", "key");
  await hand.capture();
  expect((await seal(db, hand.now)).sealed).toBe(0);
  // Whoever forgot the PIN has a new code.
  const pin = { salt: "", hash: "", failures: 9, wait_until: null };
  await phone.put("accounts", { ...((await phone.get("accounts", "lupita")) as AccountEntry), pin });

  await enrol(phone, line, { code: "22222222" }, "0.1.0", NOON);
  expect((await seal(db, hand.now)).sealed).toBe(1);
  const events = (await db.getAll("outbox")).sort((a, b) => a.order - b.order).map((record) => record.event);
  expect((await phone.get("accounts", "lupita"))?.pin).toBeNull();
  expect(events[0]?.device).toBe(old);
  expect(events[1]).toMatchObject({ device_seq: 1, prev: null });
  expect(events[1]?.device).not.toBe(old);
});

/**
 * Enrolling: a one-time code becomes an account on this phone.
 *
 * Law: the key is stored before the code is used, so that a lost answer costs a repetition and not a code; each try
 * proves by a fresh signature that this phone holds it. Enrolling
 * an account that is already on the phone gives it a new key and a new chain; its outbox stays as it is. Whoever
 * proves who they are need not remember a PIN: it goes, and is set anew.
 */
import type { Role } from "../../shared/documents.ts";
import { instant } from "../../shared/instants.ts";
import { signChallenge } from "../sealer/sign.ts";
import { openStore, readMeta } from "../storage/account.ts";
import { durably } from "../storage/durability.ts";
import { type AccountEntry, type PhoneStore, readValue, writeValue } from "../storage/phone.ts";
import { ask, type Line, Trouble } from "../sync/request.ts";
import { makeKey } from "./key.ts";

export interface Enrolled {
  account: string;
  name: string;
  role: Role;
  device: string;
  token: string;
  expires_at: string;
  municipality: string;
}

/** What proves who one is: the printed code, or the desk's password. */
export type Proof = { code: string } | { username: string; password: string };

/** Online. Throws Trouble with the server's sentence. Resolves with the account, now on the phone. */
export async function enrol(
  phone: PhoneStore,
  line: Line,
  proof: Proof,
  app: string,
  now: number,
): Promise<AccountEntry> {
  const trial = await trialFor(phone, "code" in proof ? proof.code : proof.username);
  const path = "code" in proof ? "/api/enrol" : "/api/enrol/password";
  const { installation, public_key } = trial;
  const { challenge } = await ask<{ challenge: string }>(line, "/api/session/challenge", {
    body: { installation },
  });
  if (typeof challenge !== "string") throw new Trouble("garbage", "La respuesta no se entendió.");
  const sig = await signChallenge(trial.private_key, challenge);
  const enrolled = await ask<Enrolled>(line, path, {
    body: { ...proof, installation, public_key, challenge, sig, app },
  });
  if (typeof enrolled?.account !== "string" || typeof enrolled.token !== "string") {
    throw new Trouble("garbage", "La respuesta no se entendió.");
  }
  const db = await openStore(enrolled.account);
  try {
    const before = await readMeta(db, "key");
    const same = before?.device === enrolled.device;
    const devices = (await readMeta(db, "previous_devices")) ?? [];
    await durably(db, ["meta"], async (tx) => {
      const meta = tx.objectStore("meta");
      if (!same) {
        await meta.put(
          {
            account: enrolled.account,
            device: enrolled.device,
            installation: trial.installation,
            private_key: trial.private_key,
            public_key: trial.public_key,
            enrolled_at: instant(now),
          },
          "key",
        );
        await meta.put({ seq: 0, prev: null }, "chain");
        if (before) await meta.put([...devices, before.device], "previous_devices");
      }
      await meta.delete("leaving");
      await meta.put({ token: enrolled.token, expires_at: enrolled.expires_at, limited: false }, "session");
    });
  } finally {
    db.close();
  }
  const known = await phone.get("accounts", enrolled.account);
  const entry: AccountEntry = {
    account: enrolled.account,
    name: enrolled.name,
    role: enrolled.role,
    municipality: enrolled.municipality,
    device: enrolled.device,
    pin: null,
    needs_enrol: false,
    signed_out: false,
    added_at: known?.added_at ?? instant(now),
  };
  await phone.put("accounts", entry);
  await writeValue(phone, "active", entry.account);
  await writeValue(phone, "trial", null);
  return entry;
}

/** The key and installation of a try that may have reached the server without us hearing, or new ones. */
async function trialFor(phone: PhoneStore, proof: string) {
  const kept = await readValue(phone, "trial");
  if (kept?.proof === proof) return kept;
  const trial = { proof, installation: crypto.randomUUID(), ...(await makeKey()) };
  await writeValue(phone, "trial", trial);
  return trial;
}

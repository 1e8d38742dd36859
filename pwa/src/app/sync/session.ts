/**
 * Sessions: a phone proves itself by signing a challenge with its own key, so nobody types a password in the field.
 *
 * Law: a session that ended costs one renewal, never a person's work; only when the server no longer knows the
 * device does the app ask for a new code.
 */
import { signChallenge } from "../sealer/sign.ts";
import { type AccountStore, readMeta, writeMeta } from "../storage/account.ts";
import { locked } from "../storage/lock.ts";
import type { Session } from "../storage/records.ts";
import { type Asked, ask, type Line, Trouble } from "./request.ts";

const ENDED = new Set(["session", "session_missing", "session_unknown", "session_expired"]);
/** The server cannot take this key any more: only a new enrolment helps. */
const ENROL_AGAIN = new Set(["device_unknown", "signature_wrong", "key_invalid"]);

export class NeedsEnrol extends Trouble {
  constructor(message: string) {
    super("needs_enrol", message);
    this.name = "NeedsEnrol";
  }
}

/** Asks with the account's session, renewing it once where it has ended. Throws Trouble; NeedsEnrol among them. */
export async function askAs<T>(db: AccountStore, line: Line, path: string, asked: Asked = {}): Promise<T> {
  const session = (await readMeta(db, "session")) ?? (await renew(db, line, null));
  try {
    return await ask<T>(line, path, { ...asked, token: session.token });
  } catch (error) {
    if (!(error instanceof Trouble) || !ENDED.has(error.code)) throw error;
    const fresh = await renew(db, line, session.token);
    return ask<T>(line, path, { ...asked, token: fresh.token });
  }
}

/** A new session, unless another tab has just replaced the token that failed. */
export function renew(db: AccountStore, line: Line, failed: string | null): Promise<Session> {
  return locked(`${db.name}:session`, async () => {
    const current = await readMeta(db, "session");
    if (current && current.token !== failed) return current;
    const key = await readMeta(db, "key");
    if (!key) throw new NeedsEnrol("Este teléfono perdió su llave.");
    try {
      const { challenge } = await ask<{ challenge: string }>(line, "/api/session/challenge", {
        body: { device: key.device },
      });
      const sig = await signChallenge(key.private_key, challenge);
      const { token, expires_at, limited } = await ask<Session>(line, "/api/session", {
        // Who has left may hand over and read nothing more, whoever holds the phone now.
        body: {
          device: key.device,
          challenge,
          sig,
          ...((await readMeta(db, "leaving")) ? { hand_over: true } : {}),
        },
      });
      if (typeof token !== "string") throw new Trouble("garbage", "La respuesta no se entendió.");
      const session: Session = { token, expires_at, limited: limited === true };
      await writeMeta(db, "session", session);
      return session;
    } catch (error) {
      if (error instanceof Trouble && ENROL_AGAIN.has(error.code)) throw new NeedsEnrol(error.message);
      throw error;
    }
  });
}

/** The token to use where a library makes the requests itself (tus). */
export async function tokenOf(db: AccountStore, line: Line): Promise<string> {
  return ((await readMeta(db, "session")) ?? (await renew(db, line, null))).token;
}

import { describe, expect, it } from "vitest";
import { nextTry, standing } from "../../../src/app/outbox/standing.ts";
import { outbox as w } from "../../../src/app/words/outbox.ts";

const AT = "2026-11-23T16:05:00Z";
const well = { online: true, trouble: null, last_success_at: AT, next_try_at: null };
const said = () => "hoy 10:05";

describe("what the outbox says of the sending", () => {
  it("tells the last success, or that there was none", () => {
    expect(standing(well, said)).toBe("Último envío: hoy 10:05");
    expect(standing({ ...well, last_success_at: null }, said)).toBe(w.never);
    expect(nextTry({ ...well, next_try_at: AT })).toBe("");
  });

  it("names a trouble and when it is tried again", () => {
    const state = { ...well, trouble: "server_unwell", next_try_at: AT };
    expect(standing(state, said)).toBe(w.trouble.server_unwell);
    expect(nextTry(state)).toBe(AT);
    expect(standing({ ...well, trouble: "a code of tomorrow" }, said)).toBe(w.trouble.server_unwell);
  });

  it("promises no moment without signal: it goes when the signal is back", () => {
    for (const trouble of [null, "offline", "timeout", "server_unwell", "busy", "garbage"]) {
      const state = { ...well, online: false, trouble, next_try_at: AT };
      expect(standing(state, said), String(trouble)).toBe("Sin señal. Se enviará solo cuando vuelva.");
      expect(nextTry(state), String(trouble)).toBe("");
    }
    // The phone believes it has a network, and nothing answers there.
    const deaf = { ...well, trouble: "offline", next_try_at: AT };
    expect(standing(deaf, said)).toBe("Sin señal. Se enviará solo cuando vuelva.");
    expect(nextTry(deaf)).toBe("");
  });

  it("keeps saying what the signal will not mend", () => {
    for (const trouble of ["session", "revoked"])
      expect(standing({ ...well, online: false, trouble }, said)).toBe(w.trouble[trouble]);
  });
});

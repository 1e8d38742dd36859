/** Once, with signal: a QR or eight digits; a password for desk and agencies; one tap in a demonstration. */
import { useEffect, useId, useState } from "preact/hooks";
import type { Role } from "../../shared/documents.ts";
import { lazy } from "../lazy.tsx";
import { go, parse } from "../route.ts";
import type { DemoAccount } from "../state/contract.ts";
import { accounts, boot, demoAccounts, enrol, enrolDemo, enrolPassword, sync } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { Field } from "../ui/Field.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { hush, say } from "../ui/toast.tsx";
import { trouble } from "../ui/trouble.ts";
import { common } from "../words/common.ts";
import { enrol as w } from "../words/enrol.ts";
import "./enrol.css";

const Scanner = lazy(() => import("../photo/Scanner.tsx"));

/** Where a browser calls its own machine. */
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Roles that work in this app; the others work in the office's pages. */
const HERE: ReadonlySet<Role> = new Set([
  "block_leader",
  "sector_leader",
  "brigade",
  "civil_protection",
  "desk",
  "agency",
]);

const ICONS: Partial<Record<Role, string>> = {
  block_leader: "home",
  sector_leader: "people",
  brigade: "tools",
  civil_protection: "siren",
  desk: "layers",
};

/** The code in what a QR says: an address with `#enrol=`, or bare digits. */
export function codeIn(text: string): string | null {
  const found = /#enrol=(\d{8})$/.exec(text.trim()) ?? /^(\d{8})$/.exec(text.replace(/\s/g, ""));
  return found?.[1] ?? null;
}

export default function Enrol({ args }: { args: string[] }) {
  const id = useId();
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [scanning, setScanning] = useState(false);
  const [withPassword, setWithPassword] = useState(false);
  // A demonstration is on this machine only. There its people come first, so nothing is drawn before they are
  // known, or the form would slip away under a thumb.
  const [known, setDemo] = useState<DemoAccount[] | null>(LOOPBACK.has(location.hostname) ? null : []);
  const demo = known ?? [];

  async function run(what: () => Promise<void>) {
    if (busy) return;
    setBusy(true);
    hush();
    try {
      await what();
      go("#/", true);
    } catch (error) {
      say(trouble(error), true);
    } finally {
      setBusy(false);
    }
  }
  useEffect(() => {
    demoAccounts().then(setDemo, () => setDemo([]));
    const given = args[0] ?? parse(location.hash).args[0];
    if (given && /^\d{8}$/.test(given)) {
      // The code must stay neither in the history nor in the route: this screen is drawn anew once there is an
      // account, and would use it a second time.
      go("#/enrol", true);
      void run(() => enrol(given));
    }
  }, []);

  const first = boot.value.phase === "no_account" && accounts.value.length === 0;
  return (
    <Screen title={w.title} status={false} up={first ? undefined : "#/accounts"}>
      {sync.value.store_was_lost && first && (
        <p class="panel panel--warn" role="status">
          {w.lost}
        </p>
      )}
      <p>{navigator.onLine ? w.lead : w.offline}</p>
      {demo.length > 0 && (
        <section class="stack" aria-labelledby={`${id}-demo`}>
          <h2 id={`${id}-demo`}>{w.demo}</h2>
          {demo
            .filter((one) => HERE.has(one.role))
            .map((one) => (
              <Button
                key={one.account}
                big
                left
                wide
                icon={ICONS[one.role] ?? "person"}
                disabled={busy}
                onClick={() =>
                  void run(() =>
                    one.password ? enrolPassword(one.account, one.password) : enrolDemo(one.account),
                  )
                }
              >
                {one.name}
                <br />
                <span class="small">{one.note ?? common.role[one.role]}</span>
              </Button>
            ))}
          {demo.some((one) => !HERE.has(one.role)) && <a href="/gestion/">{w.office}</a>}
          <p class="small muted">{w.demoNote}</p>
        </section>
      )}
      {known !== null && (
        <>
          <form
            class="stack"
            onSubmit={(event) => {
              event.preventDefault();
              const digits = codeIn(code);
              if (digits) void run(() => enrol(digits));
              else say(w.codeWrong, true);
            }}
          >
            <Button
              big
              main={demo.length === 0}
              wide
              icon="qr"
              disabled={busy}
              onClick={() => setScanning(true)}
            >
              {w.scan}
            </Button>
            <div class="field">
              <label class="field__label" for={`${id}-code`}>
                {w.code}
              </label>
              <input
                id={`${id}-code`}
                class="input codebox"
                inputMode="numeric"
                autocomplete="one-time-code"
                maxLength={9}
                value={code}
                aria-describedby={`${id}-help`}
                onInput={(event) => setCode(event.currentTarget.value)}
              />
              <p id={`${id}-help`} class="small muted">
                {w.codeHelp}
              </p>
            </div>
            <Button big wide submit icon="check" disabled={busy}>
              {busy ? w.working : w.enter}
            </Button>
          </form>
          {withPassword ? (
            <Password busy={busy} run={run} />
          ) : (
            <Button plain onClick={() => setWithPassword(true)}>
              {w.password}
            </Button>
          )}
        </>
      )}
      {scanning && (
        <Scanner
          onClose={() => setScanning(false)}
          onText={(text: string) => {
            setScanning(false);
            const digits = codeIn(text);
            if (digits) void run(() => enrol(digits));
            else say(w.notACode, true);
          }}
        />
      )}
    </Screen>
  );
}

function Password({ busy, run }: { busy: boolean; run: (what: () => Promise<void>) => Promise<void> }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  return (
    <form
      class="stack panel"
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => enrolPassword(username.trim(), password));
      }}
    >
      <p class="row">
        <Icon name="layers" />
        {w.passwordLead}
      </p>
      <Field label={w.username} value={username} onInput={setUsername} autocomplete="username" />
      <Field
        label={w.passwordLabel}
        type="password"
        value={password}
        onInput={setPassword}
        autocomplete="current-password"
      />
      <Button submit main big wide disabled={busy}>
        {w.enter}
      </Button>
    </form>
  );
}

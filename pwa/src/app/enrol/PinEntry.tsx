/**
 * Asks for an account's PIN, at the lock and when changing accounts.
 *
 * Law: what went wrong stands beside the field and goes with it; a wait is told in words, and what is typed in vain
 * during it is not tried. Whoever forgot it learns what to do and that nothing unsent is lost by it.
 */
import { useEffect, useState } from "preact/hooks";
import { waitLeft } from "../accounts/pin.ts";
import { path } from "../route.ts";
import type { AccountCard } from "../state/contract.ts";
import { accounts } from "../state/index.ts";
import { Button, LinkButton } from "../ui/Button.tsx";
import { Field } from "../ui/Field.tsx";
import { enrol as words } from "../words/enrol.ts";

const w = words.lock;

interface Asked {
  card: Pick<AccountCard, "account">;
  label: string;
  hideLabel?: boolean;
  open: string;
  /** Whether it is the right one. */
  onPin: (pin: string) => Promise<boolean>;
}

export function PinEntry(props: Asked) {
  const [pin, setPin] = useState("");
  const [wrong, setWrong] = useState(false);
  const [forgotten, setForgotten] = useState(false);
  const left = useWait(accounts.value.find((card) => card.account === props.card.account)?.pin_wait ?? null);
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (left > 0 || !pin) return;
        setPin("");
        void props.onPin(pin).then((open) => setWrong(!open));
      }}
    >
      <Field
        label={props.label}
        hideLabel={props.hideLabel}
        type="password"
        mode="numeric"
        max={8}
        value={pin}
        onInput={(typed) => {
          setPin(typed);
          setWrong(false);
        }}
      />
      <div role="alert">
        {wrong && <p class="panel panel--warn">{w.wrong}</p>}
        {left > 0 && <p class="panel panel--warn">{w.tooMany}</p>}
      </div>
      {left > 0 && <p role="timer">{w.wait(left)}</p>}
      <Button submit main big wide icon="lock" disabled={left > 0}>
        {props.open}
      </Button>
      {forgotten ? (
        <>
          <p>{w.forgottenDo}</p>
          <LinkButton icon="qr" href={path("enrol")}>
            {w.code}
          </LinkButton>
        </>
      ) : (
        <Button onClick={() => setForgotten(true)}>{w.forgotten}</Button>
      )}
    </form>
  );
}

/** Seconds until the PIN is tried again; 0 where it is now. */
function useWait(until: string | null): number {
  const [now, setNow] = useState(Date.now);
  const left = Math.ceil(waitLeft(until, now) / 1000);
  useEffect(() => {
    setNow(Date.now());
    if (until === null) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [until]);
  return left;
}

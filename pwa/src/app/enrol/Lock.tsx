/** The active account asks for its PIN: a screen lock for a shared phone, not encryption. */
import { useState } from "preact/hooks";
import { path } from "../route.ts";
import { account, unlock } from "../state/index.ts";
import { Button, LinkButton } from "../ui/Button.tsx";
import { Field } from "../ui/Field.tsx";
import { Screen } from "../ui/Screen.tsx";
import { say } from "../ui/toast.tsx";
import { enrol as w } from "../words/enrol.ts";

export default function Lock() {
  const [pin, setPin] = useState("");
  return (
    <Screen title={w.lock.title} status={false}>
      <h2>{account.value?.name}</h2>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void unlock(pin).then((open) => {
            if (open) return;
            setPin("");
            say(w.lock.wrong, true);
          });
        }}
      >
        <Field label={w.lock.pin} type="password" mode="numeric" max={8} value={pin} onInput={setPin} />
        <Button submit main big wide icon="lock">
          {w.lock.open}
        </Button>
      </form>
      <LinkButton icon="people" href={path("accounts")}>
        {w.lock.other}
      </LinkButton>
      <p class="small muted">{w.lock.note}</p>
    </Screen>
  );
}

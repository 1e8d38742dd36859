/** The active account asks for its PIN: a screen lock for a shared phone, not encryption. */
import { path } from "../route.ts";
import { account, unlock } from "../state/index.ts";
import { LinkButton } from "../ui/Button.tsx";
import { Screen } from "../ui/Screen.tsx";
import { enrol as w } from "../words/enrol.ts";
import { PinEntry } from "./PinEntry.tsx";

export default function Lock() {
  return (
    <Screen title={w.lock.title} status={false}>
      <h2>{account.value?.name}</h2>
      {account.value && (
        <PinEntry card={account.value} label={w.lock.pin} open={w.lock.open} onPin={unlock} />
      )}
      <LinkButton icon="people" href={path("accounts")}>
        {w.lock.other}
      </LinkButton>
      <p class="small muted">{w.lock.note}</p>
    </Screen>
  );
}

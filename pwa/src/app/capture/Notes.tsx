/** What must be said before anything else: an urgent report nobody has, lost storage, a phone to enrol again. */
import { lazy } from "../lazy.tsx";
import { path } from "../route.ts";
import { account, drafts, held, storage, sync, update_waiting } from "../state/index.ts";
import { LinkButton } from "../ui/Button.tsx";
import { Unreceived } from "../ui/Unreceived.tsx";
import { mine as w } from "../words/mine.ts";

/** Most days nothing is unfinished, and the first screen goes without it. */
const Unfinished = lazy(() => import("./Unfinished.tsx"));

export function Notes() {
  const state = sync.value;
  return (
    <>
      <Unreceived />
      {state.store_was_lost && <Note words={w.lost} />}
      {!state.store_was_lost && state.first_pull && <Note words={w.first} />}
      {state.limited && <Note words={w.limited} />}
      {account.value?.needs_enrol && <Note words={w.renew} to={path("enrol")} go={w.renewGo} />}
      {state.too_old && <Note words={w.tooOld} />}
      {held.value && <Note words={w.held(held.value.shown, held.value.total)} />}
      {storage.value.nearly_full && <Note words={w.full} />}
      {update_waiting.value && <Note words={w.update} />}
      {drafts.value.some(({ key }) => key.startsWith("capture")) && <Unfinished />}
    </>
  );
}

function Note(props: { words: string; to?: string; go?: string }) {
  return (
    <div class="note" role="status">
      <p class="grow">{props.words}</p>
      {props.to && <LinkButton href={props.to}>{props.go}</LinkButton>}
    </div>
  );
}

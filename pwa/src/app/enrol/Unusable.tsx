/** Why the app cannot be used here and what to do, in two sentences. */
import { boot } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { say } from "../ui/toast.tsx";
import { enrol as w } from "../words/enrol.ts";
import { settings } from "../words/settings.ts";
import "./enrol.css";

export default function Unusable() {
  const state = boot.value;
  if (state.phase !== "unusable") return null;
  const words = w.unusable[state.problem];
  const lead =
    state.problem === "in_app"
      ? w.unusable.in_app.lead(state.app ?? w.unusable.in_app.someApp)
      : (words.lead as string);
  return (
    <Screen title={w.unusable.title} status={false}>
      <div class="big">
        <Icon name="warning" />
        <p class="lead">{lead}</p>
        <p>{words.todo}</p>
        {state.problem === "in_app" || state.problem === "private" ? (
          <Button
            main
            big
            wide
            icon="copy"
            onClick={() =>
              void navigator.clipboard?.writeText(location.href).then(
                () => say(settings.copied),
                () => say(location.href),
              )
            }
          >
            {w.unusable.copy}
          </Button>
        ) : (
          <Button main big wide icon="repeat" onClick={() => location.reload()}>
            {w.unusable.again}
          </Button>
        )}
      </div>
    </Screen>
  );
}

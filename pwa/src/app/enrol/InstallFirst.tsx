/** iOS: install first, enrol inside. Safari and the installed app keep separate storage, and Safari's is evicted. */
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { enrol as w } from "../words/enrol.ts";
import "./enrol.css";

const ICONS = ["share", "plus", "home"];

export default function InstallFirst() {
  return (
    <Screen title={w.install.title} status={false}>
      <p class="lead">{w.install.lead}</p>
      <ol class="steps">
        {w.install.steps.map((step, index) => (
          <li key={step} class="row">
            <span class="steps__n">{index + 1}</span>
            <Icon name={ICONS[index] as string} />
            <span class="grow">{step}</span>
          </li>
        ))}
      </ol>
    </Screen>
  );
}

/** Urgent: first the person's safety, then 911, then the report. */
import { useState } from "preact/hooks";
import { go, path } from "../route.ts";
import { municipality } from "../state/index.ts";
import { Button, LinkButton } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { capture as w } from "../words/capture.ts";
import { form } from "./form.ts";

export function Danger() {
  const [danger, setDanger] = useState(false);
  const phone = municipality.value?.emergency_phone ?? "911";
  function answer(someone: boolean | null) {
    form.edit({ danger: someone });
    if (someone === true) setDanger(true);
    else go(path("new", "form"), true);
  }
  return (
    <Screen title={w.danger.title} up={path("new")} bare>
      <div class="danger">
        <Icon name="siren" class="icon--siren" />
        <p class="danger__big">{w.danger.away}</p>
        {danger ? (
          <>
            <p class="danger__ask" role="status">
              {w.danger.callFirst}
            </p>
            <LinkButton big icon="call" href={`tel:${phone}`}>
              {w.danger.call(phone)}
            </LinkButton>
            <Button onClick={() => go(path("new", "form"), true)}>{w.danger.goOn}</Button>
          </>
        ) : (
          <>
            <p class="danger__ask">{w.danger.question}</p>
            <Button risk big onClick={() => answer(true)}>
              {w.danger.yes}
            </Button>
            <Button big onClick={() => answer(false)}>
              {w.danger.no}
            </Button>
            <Button onClick={() => answer(null)}>{w.danger.unsure}</Button>
          </>
        )}
      </div>
    </Screen>
  );
}

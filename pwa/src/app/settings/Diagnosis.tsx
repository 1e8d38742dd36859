/** What works on this phone and what does not, to read and to share. */
import { useEffect, useState } from "preact/hooks";
import type { Diagnosis as Result } from "../state/contract.ts";
import { diagnose } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { share } from "../ui/share.ts";
import { say } from "../ui/toast.tsx";
import { trouble } from "../ui/trouble.ts";
import { diagnosis as words } from "../words/diagnosis.ts";
import { settings as w } from "../words/settings.ts";

export default function Diagnosis() {
  const [result, setResult] = useState<Result | null>(null);
  useEffect(() => {
    diagnose().then(setResult, (error) => say(trouble(error), true));
  }, []);
  return (
    <Screen
      status={false}
      title={w.diagnosisTitle}
      up="#/more"
      action={
        <Button
          main
          big
          icon="share"
          disabled={!result}
          onClick={() => result && void share(w.diagnosisTitle, result.text)}
        >
          {w.diagnosisShare}
        </Button>
      }
    >
      <p>{w.diagnosisLead}</p>
      {!result && <p role="status">{w.running}</p>}
      <ul class="rows">
        {result?.checks.map((check) => (
          <li class="item" key={check.id} data-check={check.id} data-ok={String(check.ok)}>
            <Icon name={check.ok ? "check" : "warning"} />
            <span class="grow">
              <span class="strong">
                {words.checks[check.id]}: {check.ok ? words.good : words.bad}
              </span>
              <br />
              <span class="small muted">{check.value}</span>
            </span>
          </li>
        ))}
      </ul>
    </Screen>
  );
}

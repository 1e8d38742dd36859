/**
 * For whom it is. A neighbour's name and telephone are asked only after the short privacy notice is shown and
 * accepted; a refusal gives an anonymous report, never no report.
 */
import { useState } from "preact/hooks";
import type { ForWhom } from "../../shared/documents.ts";
import { notice } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { Choice, Field } from "../ui/Field.tsx";
import { capture as w } from "../words/capture.ts";
import { form } from "./form.ts";

export function Who() {
  const body = form.body.value;
  const [refused, setRefused] = useState(false);
  const text = notice.value;
  return (
    <div class="stack">
      <Choice<ForWhom>
        legend={w.who.legend}
        name="who"
        value={body.for_whom}
        options={(Object.keys(w.who.options) as ForWhom[]).map((value) => ({
          value,
          text: w.who.options[value],
        }))}
        onChange={(for_whom) => {
          setRefused(false);
          form.edit({
            for_whom,
            ...(for_whom === "neighbour" ? {} : { consent: false, name: "", phone: "" }),
          });
        }}
      />
      {refused && <p role="status">{w.who.refused}</p>}
      {body.for_whom === "neighbour" && !body.consent && (
        <div class="panel panel--say">
          <h3>{w.who.notice}</h3>
          {text ? (
            <>
              <p>{text.short}</p>
              <details>
                <summary>{w.who.full}</summary>
                <p class="pre">{text.full}</p>
              </details>
              <div class="two">
                <Button main onClick={() => form.edit({ consent: true })}>
                  {w.who.accept}
                </Button>
                <Button
                  onClick={() => {
                    setRefused(true);
                    form.edit({ for_whom: "anonymous", consent: false, name: "", phone: "" });
                  }}
                >
                  {w.who.refuse}
                </Button>
              </div>
            </>
          ) : (
            <p>{w.who.noNotice}</p>
          )}
        </div>
      )}
      {body.for_whom === "neighbour" && body.consent && (
        <>
          <Field label={w.who.name} max={120} value={body.name} onInput={(name) => form.edit({ name })} />
          <Field
            label={w.who.phone}
            type="tel"
            mode="tel"
            max={20}
            value={body.phone}
            onInput={(phone) => form.edit({ phone })}
          />
        </>
      )}
    </div>
  );
}

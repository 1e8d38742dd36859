/** The type's short questions, each answered with a tap where it can be. */
import type { PetitionType, Question } from "../../shared/documents.ts";
import { Choice, Field } from "../ui/Field.tsx";
import { capture as w } from "../words/capture.ts";
import { common } from "../words/common.ts";
import { form } from "./form.ts";
import { questionsOf } from "./peril.ts";

export function Questions({ type, missing }: { type: PetitionType; missing: string | null }) {
  return (
    <>
      {missing && (
        <p class="panel panel--warn" role="alert">
          {w.missing(missing)}
        </p>
      )}
      {questionsOf(type, form.body.value.urgent).map((question) => (
        <div id={`q-${question.id}`} key={question.id}>
          <Ask question={question} />
        </div>
      ))}
    </>
  );
}

function Ask({ question }: { question: Question }) {
  const value = form.body.value.answers[question.id];
  const answer = (to: string | number | boolean | undefined) => {
    const answers = { ...form.body.value.answers };
    if (to === undefined || to === "") delete answers[question.id];
    else answers[question.id] = to;
    form.edit({ answers });
  };
  const label = question.required ? question.text : `${question.text} (${common.optional})`;
  if (question.kind === "choice")
    return (
      <Choice
        legend={label}
        name={`q-${question.id}`}
        value={typeof value === "string" ? value : null}
        options={question.options ?? []}
        onChange={answer}
      />
    );
  if (question.kind === "boolean")
    return (
      <Choice
        legend={label}
        name={`q-${question.id}`}
        value={value === true ? "yes" : value === false ? "no" : null}
        options={[
          { value: "yes", text: w.yes },
          { value: "no", text: w.no },
        ]}
        onChange={(to) => answer(to === "yes")}
      />
    );
  if (question.kind === "number")
    return (
      <Field
        label={label}
        type="number"
        mode="decimal"
        min="0"
        value={typeof value === "number" ? String(value) : ""}
        onInput={(to) => answer(to.trim() === "" || Number.isNaN(Number(to)) ? undefined : Number(to))}
      />
    );
  return <Field label={label} max={4000} value={typeof value === "string" ? value : ""} onInput={answer} />;
}

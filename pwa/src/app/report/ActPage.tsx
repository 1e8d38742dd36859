/**
 * One act about a report: a reason of a few, words, photos; written on the phone, said, and back to the report.
 *
 * Law: every page on which a person does one thing to one report is this page with other words, or a touch that
 * ends in `actAndReturn`. What is missing is said in its own words; what was typed stays until it is saved.
 */
import type { Kind, Payloads } from "../../shared/documents.ts";
import { PhotoPicker } from "../photo/PhotoPicker.tsx";
import { back, go, path } from "../route.ts";
import type { Act } from "../state/contract.ts";
import { SaveButton } from "../ui/Button.tsx";
import { commit } from "../ui/commit.ts";
import { useDraft } from "../ui/draft.ts";
import { Choice, Field } from "../ui/Field.tsx";
import { Screen } from "../ui/Screen.tsx";
import { say } from "../ui/toast.tsx";
import { asPosition, type useFix } from "../ui/usefix.ts";

/** Does it and leaves: to the report's page, or home where the report is no longer this person's to do. */
export async function actAndReturn<K extends Kind>(
  what: Act<K> & { report: string },
  words: string,
  home = false,
): Promise<void> {
  if (!(await commit(what, words))) return;
  if (home) go("#/", true);
  else back(path("report", what.report));
}

interface Body<R extends string> {
  reason: R | null;
  text: string;
}

interface ActPageProps<K extends Kind, R extends string> {
  id: string;
  kind: K;
  title: string;
  reasons?: {
    legend: string;
    words: Record<R, string>;
    /** Chosen beforehand; none = the person must choose. */
    start?: R;
    missing?: string;
    /** One under the other, for gloves, under a title that asks already. */
    list?: boolean;
  };
  text: { label: string; missing?: string };
  photos?: boolean;
  /** Where the person stands, where it counts. */
  fix?: ReturnType<typeof useFix>;
  payload: (reason: R, text: string) => Payloads[K];
  done: string;
  home?: boolean;
}

export function ActPage<K extends Kind, R extends string = never>(props: ActPageProps<K, R>) {
  const { id, kind, reasons } = props;
  const form = useDraft<Body<R>>(`${kind}:${id}`, () => ({ reason: reasons?.start ?? null, text: "" }));
  const { reason, text } = form.body.value;
  async function save() {
    const said = text.trim();
    if (reasons && !reason) return say(reasons.missing ?? reasons.legend, true);
    if (props.text.missing && !said) return say(props.text.missing, true);
    await actAndReturn(
      {
        kind,
        report: id,
        payload: props.payload(reason as R, said),
        ...(props.fix !== undefined && { position: asPosition(props.fix) }),
        photos: form.photoIds(),
        draft: form.key,
      },
      props.done,
      props.home,
    );
  }
  const choice = reasons && (
    <Choice<R>
      legend={reasons.legend}
      hideLegend={reasons.list}
      list={reasons.list}
      name="reason"
      value={reason}
      options={(Object.keys(reasons.words) as R[]).map((value) => ({ value, text: reasons.words[value] }))}
      onChange={(value) => form.edit({ reason: value })}
    />
  );
  return (
    <Screen title={props.title} up={path("report", id)} action={<SaveButton onSave={save} />}>
      {reasons?.list ? <div class="glove">{choice}</div> : choice}
      <Field
        label={props.text.label}
        lines
        max={4000}
        value={text}
        onInput={(value) => form.edit({ text: value })}
      />
      {props.photos && <PhotoPicker form={form} />}
    </Screen>
  );
}

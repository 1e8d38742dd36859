/**
 * The leader's word on finished work: solved or not.
 *
 * Law: verifying is seeing. Before stands beside after, with what was done, by whom, when, where, and whether it was
 * closed from afar. "No quedó" asks what is missing, and reopens it.
 */
import { useEffect, useMemo, useState } from "preact/hooks";
import { PhotoPicker } from "../photo/PhotoPicker.tsx";
import { go, path } from "../route.ts";
import type { AnyAct } from "../state/contract.ts";
import { row, rows, watchReport } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { blockName, Card } from "../ui/Card.tsx";
import { commitAll } from "../ui/commit.ts";
import { useDraft } from "../ui/draft.ts";
import { Choice, Field } from "../ui/Field.tsx";
import { Screen } from "../ui/Screen.tsx";
import { say as tell } from "../ui/toast.tsx";
import { report as w } from "../words/report.ts";
import { Compared } from "./Album.tsx";
import { ClosingPanel } from "./ClosingPanel.tsx";
import { exactness } from "./exactness.ts";
import { type Lack, type Lacking, lackText } from "./lack.ts";
import "./report.css";

export default function Verify({ args }: { args: string[] }) {
  const id = args[0] ?? "";
  const form = useDraft<Lacking>(`verify:${id}`, () => ({ lack: null, text: "" }));
  const [not, setNot] = useState(false);
  const watched = useMemo(() => watchReport(id), [id]);
  useEffect(() => () => watched.dispose(), [watched]);
  rows.value;
  const about = row(id);
  const report = watched.report.value;
  const place = report?.place;
  async function say(solved: boolean) {
    const text = solved ? form.body.value.text.trim() : lackText(form.body.value);
    if (!solved && !text && form.photoIds().length === 0) return tell(w.lackMissing, true);
    const word: AnyAct = {
      kind: "verified",
      report: id,
      payload: { solved, ...(text && { text }) },
      photos: form.photoIds(),
      draft: form.key,
    };
    // The word stays in the history; what opens the work again is an act of its own, never without the word.
    const saved = await commitAll(
      solved ? [word] : [word, { kind: "reopened", report: id, payload: {} }],
      solved ? w.verifiedSolved : w.verifiedNot,
    );
    if (!saved) return;
    go("#/", true);
  }
  function no() {
    setNot(true);
    window.scrollTo(0, 0);
  }
  return (
    <Screen
      title={w.verifyTitle}
      up="#/"
      action={
        not ? (
          <>
            <Button big onClick={() => setNot(false)}>
              {w.backToLook}
            </Button>
            <Button main big icon="send" onClick={() => void say(false)}>
              {w.sendNotSolved}
            </Button>
          </>
        ) : (
          <>
            <Button big icon="close" onClick={no}>
              {w.notSolved}
            </Button>
            <Button main big icon="check" onClick={() => void say(true)}>
              {w.solved}
            </Button>
          </>
        )
      }
    >
      {not && (
        <>
          <Choice<Lack>
            legend={w.notSolvedText}
            list
            name="lack"
            value={form.body.value.lack}
            options={(Object.keys(w.lacks) as Lack[]).map((value) => ({ value, text: w.lacks[value] }))}
            onChange={(lack) => form.edit({ lack })}
          />
          <Field
            label={w.lackText}
            lines
            max={4000}
            value={form.body.value.text}
            onInput={(text) => form.edit({ text })}
          />
        </>
      )}
      {about && <Card row={about} href={path("report", id)} />}
      {place && <p class="small muted">{exactness(place, blockName(place))}</p>}
      {!not && <p>{w.verifyLead}</p>}
      {report && <ClosingPanel report={report} />}
      {report && <Compared report={report} />}
      <PhotoPicker form={form} />
    </Screen>
  );
}

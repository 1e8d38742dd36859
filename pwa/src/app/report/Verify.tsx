/** The leader's word on finished work: solved or not, with a photo if they like. "No quedó" reopens it. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { PhotoPicker } from "../photo/PhotoPicker.tsx";
import { go, path } from "../route.ts";
import type { AnyAct } from "../state/contract.ts";
import { row, rows, watchReport } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { commitAll } from "../ui/commit.ts";
import { useDraft } from "../ui/draft.ts";
import { Field } from "../ui/Field.tsx";
import { Screen } from "../ui/Screen.tsx";
import { report as w } from "../words/report.ts";
import { Album } from "./Album.tsx";

export default function Verify({ args }: { args: string[] }) {
  const id = args[0] ?? "";
  const form = useDraft(`verify:${id}`, () => ({ text: "" }));
  const [not, setNot] = useState(false);
  const watched = useMemo(() => watchReport(id), [id]);
  useEffect(() => () => watched.dispose(), [watched]);
  rows.value;
  const about = row(id);
  const report = watched.report.value;
  async function say(solved: boolean) {
    const text = form.body.value.text.trim();
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
  return (
    <Screen
      title={w.verifyTitle}
      up="#/"
      action={
        not ? (
          <Button main big icon="send" onClick={() => void say(false)}>
            {w.sendNotSolved}
          </Button>
        ) : (
          <>
            <Button big icon="close" onClick={() => setNot(true)}>
              {w.notSolved}
            </Button>
            <Button main big icon="check" onClick={() => void say(true)}>
              {w.solved}
            </Button>
          </>
        )
      }
    >
      {about && <Card row={about} href={path("report", id)} />}
      <p>{w.verifyLead}</p>
      {report && <Album report={report} />}
      {not && (
        <Field
          label={w.notSolvedText}
          lines
          max={4000}
          value={form.body.value.text}
          onInput={(text) => form.edit({ text })}
        />
      )}
      <PhotoPicker form={form} />
    </Screen>
  );
}

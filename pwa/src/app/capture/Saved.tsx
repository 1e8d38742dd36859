/** Saved: the provisional folio as a plate and a QR, thirty seconds to undo, and where the report is now. */
import { useEffect, useState } from "preact/hooks";
import { provisionalFolio } from "../../shared/folio.ts";
import { timeOf } from "../../shared/uuid7.ts";
import { lazy } from "../lazy.tsx";
import { go, path } from "../route.ts";
import { outbox, row, rows, takeBack } from "../state/index.ts";
import { Button, LinkButton } from "../ui/Button.tsx";
import { typeName } from "../ui/Card.tsx";
import { guarded } from "../ui/commit.ts";
import { Icon } from "../ui/Icon.tsx";
import { Plate } from "../ui/Plate.tsx";
import { Screen } from "../ui/Screen.tsx";
import { Seal } from "../ui/Seal.tsx";
import { say } from "../ui/toast.tsx";
import { Unreceived } from "../ui/Unreceived.tsx";
import { capture as w } from "../words/capture.ts";
import { common } from "../words/common.ts";
import { takeUp } from "./form.ts";
import "./capture.css";

const QrCode = lazy<{ text: string; label: string }>(() => import("../ui/QrCode.tsx"));
const UNDO_SECONDS = 30;

export default function Saved({ args }: { args: string[] }) {
  const [id = "", uuid = ""] = args;
  rows.value; // drawn anew when the folio arrives
  const about = row(id);
  const item = outbox.value.find((one) => one.uuid === uuid);
  // From the id itself, so that the first frame has the way to undo in its place.
  const savedAt = timeOf(uuid) || 0;
  const [left, setLeft] = useState(() => secondsLeft(savedAt));
  useEffect(() => {
    setLeft(secondsLeft(savedAt));
    const timer = setInterval(() => setLeft(secondsLeft(savedAt)), 500);
    return () => clearInterval(timer);
  }, [savedAt]);
  /** Back to the form, whole; what the municipality may have is withdrawn besides. */
  async function undo() {
    const back = await guarded(() => takeBack([{ report: id, uuid }]));
    if (!back) return;
    const [draft] = back.drafts;
    if (draft !== undefined) {
      await takeUp(draft);
      go(path("new", "form"), true);
    } else if (back.done === "gone") go("#/", true);
    say(back.done === "gone" ? w.saved.takenBack : w.saved.withdrawn);
  }
  const withdrawn = about?.status === "withdrawn";
  const received = item ? item.custody !== "saved" : about !== undefined && about.pending === 0;
  const waits = !received && (item?.urgent ?? about?.urgent) === true;
  // It is on the disk already; the lists may take a moment more to know.
  const folio = about?.folio ?? provisionalFolio(id);
  return (
    <Screen
      title={w.saved.title}
      up="#/"
      onBack={() => go("#/", true)}
      action={
        <Button main big icon="check" onClick={() => go("#/", true)}>
          {w.saved.done}
        </Button>
      }
    >
      <Unreceived report={id} />
      <div class="body saved">
        {withdrawn ? (
          <p class="strong" role="status">
            {w.saved.undone}
          </p>
        ) : (
          <>
            <p class="row strong">
              {/* A tick would say that it is done: an emergency nobody has received is not. */}
              <span class={waits ? "saved__check saved__check--waits" : "saved__check"}>
                <Icon name={waits ? "siren" : "check"} />
              </span>
              {(about ?? item) && typeName(about?.type ?? item?.type)}
            </p>
            <Plate what={about?.folio ? w.saved.folio : w.saved.provisional} folio={folio} />
            <p aria-live="polite">
              <Seal received={received} words={waits ? common.seal.nobody : undefined} />
            </p>
            <QrCode text={folio} label={w.saved.qr(folio)} />
            {left > 0 && (
              <Button icon="undo" onClick={() => void undo()}>
                {w.saved.undo(left)}
              </Button>
            )}
            {!received && <p class="muted">{waits ? w.saved.stay : w.saved.willSend}</p>}
            <LinkButton plain href={path("report", id)}>
              {w.saved.see}
            </LinkButton>
          </>
        )}
      </div>
    </Screen>
  );
}

function secondsLeft(savedAt: number): number {
  const left = Math.ceil(UNDO_SECONDS - (Date.now() - savedAt) / 1000);
  return Math.max(0, Math.min(UNDO_SECONDS, left));
}

/** What a brigade does on a report's page: the next step is the main button, leaving for risk is always one tap. */

import { ours } from "../../shared/orders.ts";
import { isOpen } from "../../shared/status.ts";
import { directions } from "../map/directions.ts";
import type { Part } from "../report/Doing.tsx";
import { go, path } from "../route.ts";
import type { LocalReport } from "../state/contract.ts";
import { profile } from "../state/index.ts";
import { Button, LinkButton } from "../ui/Button.tsx";
import { commit } from "../ui/commit.ts";
import { asPosition, useFix } from "../ui/usefix.ts";
import { orders as w } from "../words/orders.ts";
import { Risk } from "./Risk.tsx";

export default function OrderDoing({ report, part }: { report: LocalReport; part: Part }) {
  if (part === "main") return <Main report={report} />;
  return part === "first" ? <First report={report} /> : <Rest report={report} />;
}

function Main({ report }: { report: LocalReport }) {
  const fix = useFix();
  const part = ours(report.assignments, profile.value?.brigade);
  const working = part?.status === "started";
  if (working)
    return (
      <>
        <Button big icon="pause" onClick={() => go(path("order", "pause", report.id))}>
          {w.pause}
        </Button>
        <Button main big icon="check" onClick={() => go(path("order", "finish", report.id))}>
          {w.finish}
        </Button>
      </>
    );
  return (
    <>
      <Button big icon="pause" onClick={() => go(path("order", "pause", report.id))}>
        {part?.status === "paused" ? w.pause : w.couldNot}
      </Button>
      <Button
        main
        big
        icon="play"
        onClick={() =>
          void commit(
            { kind: "started", report: report.id, payload: {}, position: asPosition(fix) },
            w.started,
          )
        }
      >
        {part?.status === "paused" ? w.resume : w.start}
      </Button>
    </>
  );
}

/** What is needed without scrolling: how to get there, and how to get away, far enough apart for a glove. */
function First({ report }: { report: LocalReport }) {
  const { lat, lon } = report.place ?? {};
  return (
    <>
      {lat !== undefined && lon !== undefined && (
        <LinkButton big wide icon="route" href={directions(lat, lon)}>
          {w.directions}
        </LinkButton>
      )}
      {isOpen(report.status) && <Risk report={report} />}
    </>
  );
}

function Rest({ report }: { report: LocalReport }) {
  if (!isOpen(report.status)) return null;
  return (
    <section class="stack">
      <h2>{w.more}</h2>
      <LinkButton big wide left icon="note" href={path("order", "note", report.id)}>
        {w.note}
      </LinkButton>
      <LinkButton big wide left icon="pin" href={path("order", "place", report.id)}>
        {w.correct}
      </LinkButton>
      <LinkButton big wide left icon="forbid" href={path("order", "viable", report.id)}>
        {w.viable}
      </LinkButton>
      <LinkButton big wide left icon="return" href={path("order", "return", report.id)}>
        {w.back}
      </LinkButton>
    </section>
  );
}

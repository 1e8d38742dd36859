/** One report: what, where, how it stands, what this person may do, photos and its whole history. */
import { useEffect, useMemo } from "preact/hooks";
import { isOpen } from "../../shared/status.ts";
import { path } from "../route.ts";
import type { LocalReport } from "../state/contract.ts";
import {
  account,
  agencies,
  incidents,
  markSeen,
  now,
  outbox,
  row,
  types,
  watchReport,
} from "../state/index.ts";
import { Alarm } from "../ui/Alarm.tsx";
import { LinkButton } from "../ui/Button.tsx";
import { blockName, pictogram, typeName, whereOf, zone } from "../ui/Card.tsx";
import { Sign } from "../ui/Icon.tsx";
import { Light } from "../ui/Light.tsx";
import { Plate } from "../ui/Plate.tsx";
import { Screen } from "../ui/Screen.tsx";
import { Seal } from "../ui/Seal.tsx";
import { Unreceived } from "../ui/Unreceived.tsx";
import { common } from "../words/common.ts";
import { past } from "../words/dates.ts";
import { report as w } from "../words/report.ts";
import { Album } from "./Album.tsx";
import { answerText } from "./answers.ts";
import { brigadeName } from "./brigade.ts";
import { ClosingPanel } from "./ClosingPanel.tsx";
import { type Doers, doingOf } from "./Doing.tsx";
import { exactness } from "./exactness.ts";
import { flagWords } from "./flags.ts";
import { OnsitePanel } from "./OnsitePanel.tsx";
import { Reporter } from "./Reporter.tsx";
import { Timeline } from "./Timeline.tsx";
import "./report.css";

/** Who reviews flags; in the field they would only be noise. */
const OFFICE: ReadonlySet<string> = new Set(["desk", "civil_protection", "agency"]);

/** Who goes there, or calls. */
const FOR_CALLS: ReadonlySet<string> = new Set(["desk", "civil_protection", "brigade"]);

export default function ReportPage({ args, doers }: { args: string[]; doers: Doers }) {
  const id = args[0] ?? "";
  const watched = useMemo(() => watchReport(id), [id]);
  useEffect(() => {
    markSeen(id);
    return () => watched.dispose();
  }, [id, watched]);
  const found = watched.report.value;
  if (found === undefined) return null;
  return found === null ? <Gone report={id} /> : <Page report={found} doers={doers} />;
}

/** The copy has left the phone: what this person did about it and has not been told the end of is said here. */
function Gone({ report }: { report: string }) {
  const left = outbox.value.filter((item) => item.report === report && item.custody !== "freed");
  const known = left.find((item) => item.about);
  return (
    <Screen
      title={known ? typeName(known.type) : w.title}
      up="#/"
      action={
        left.length > 0 && (
          <LinkButton main href="#/outbox">
            {w.goneGo}
          </LinkButton>
        )
      }
    >
      {known && (
        <Plate
          what={known.folio ? common.folio : common.provisional}
          folio={known.folio ?? known.provisional}
        />
      )}
      <p>{w.gone}</p>
      {left.length > 0 && (
        <section class="stack">
          <h2>{w.goneLeft}</h2>
          {left.map((item) => (
            <p key={item.uuid} data-left={item.uuid}>
              <span class="strong">{common.kind[item.kind]}</span>{" "}
              <span class="muted">{past(item.saved_at, now.value, zone())}</span>
              <br />
              <Seal received={item.custody !== "saved"} words={common.custody[item.custody]} />
              {item.why && <span> {item.why.message}</span>}
            </p>
          ))}
        </section>
      )}
    </Screen>
  );
}

function Page({ report, doers }: { report: LocalReport; doers: Doers }) {
  const emergency = report.priority === 1 && isOpen(report.status);
  const type = report.type ? types.value.get(report.type) : undefined;
  const place = report.place ?? {};
  const summary = row(report.id);
  const doing = doingOf(report, doers);
  return (
    <Screen title={typeName(report.type)} up="#/" bare action={doing.main}>
      {emergency && <Alarm page danger={report.danger === true} />}
      <div class="body">
        <Unreceived report={report.id} />
        <div class="row">
          <Sign
            name={pictogram({ type: report.type ?? null, family: report.family ?? null })}
            alarm={emergency}
          />
          <div class="grow stack stack--tight">
            <Light
              due={{
                status: report.status,
                priority: report.priority,
                due_at: report.due_at,
                amber_at: report.amber_at,
                finished_at: report.finished_at,
                taken_by: report.taken_by,
                assignments: report.assignments,
              }}
              now={now.value}
              zone={zone()}
            />
            <span class="small">
              {common.statusOf[report.status]}
              {report.priority && report.priority > 1 && isOpen(report.status)
                ? ` · ${common.priority[report.priority]}`
                : ""}
            </span>
          </div>
        </div>
        <Plate
          what={report.folio ? common.folio : common.provisional}
          folio={report.folio ?? report.provisional_folio}
        />
        <p class="center">
          <Seal received={report.view !== undefined && report.pending === 0} />
        </p>
        {doing.first}
        {report.view === "own" && <p class="panel">{w.ownNote}</p>}
        {report.view === "card" && <p class="panel">{w.cardNote}</p>}
        <OnsitePanel report={report} />
        {!isOpen(report.status) && <ClosingPanel report={report} />}
        {FOR_CALLS.has(account.value?.role ?? "") || report.contact ? <Reporter report={report} /> : null}

        {report.view !== "own" && (
          <section class="stack">
            <h2>{w.place}</h2>
            <p>
              {[
                whereOf(place),
                place.between,
                place.street ? blockName(place) : null,
                place.reference,
                place.pole ? `Poste ${place.pole}` : null,
                place.outside ? w.outside : null,
              ]
                .filter(Boolean)
                .join(" · ")}
            </p>
            <p class="small muted">{exactness(place, blockName(place))}</p>
            {place.lat !== undefined && place.lon !== undefined && (
              <LinkButton
                icon="map"
                href={path("map", "at", String(place.lat), String(place.lon), report.id)}
              >
                {w.map}
              </LinkButton>
            )}
          </section>
        )}

        {(report.text || answerText(report.answers, type).length > 0) && (
          <section class="stack">
            <h2>{w.details}</h2>
            {report.text && <p class="pre">{report.text}</p>}
            {answerText(report.answers, type).map((line) => (
              <p key={line.question}>
                <span class="muted">{line.question}</span> {line.answer}
              </p>
            ))}
          </section>
        )}
        {report.agency && (
          <p>
            <span class="muted">{w.who}: </span>
            {agencies.value.get(report.agency)?.name ?? report.agency}
            {report.assignments
              ?.map((a) => a.brigade && brigadeName(a.agency, a.brigade))
              .filter(Boolean)
              .map((name) => ` · ${name}`)
              .join("")}
          </p>
        )}
        {(report.supports ?? 0) > 0 && <p class="strong">{w.supports(report.supports ?? 0)}</p>}
        {report.duplicate_of && <a href={path("report", report.duplicate_of)}>{w.duplicateOf}</a>}
        {report.incident && (
          <a href={path("incident", report.incident)}>
            {w.incident}: {incidents.value.get(report.incident)?.name ?? ""}
          </a>
        )}
        {OFFICE.has(account.value?.role ?? "") && (report.flags ?? []).length > 0 && (
          <section class="panel panel--warn">
            <h2>{w.flags}</h2>
            {report.flags?.map((flag) => (
              <p key={flag}>{flagWords(flag)}</p>
            ))}
          </section>
        )}
        {doing.rest}
        <Album report={report} />
        <Timeline report={report} />
        {summary && (
          <p class="small muted">
            {w.captured(past(report.captured_at ?? summary.captured_at, now.value, zone()))}
            {report.captured_by === account.value?.account ? ` ${w.byYou}` : ""}
          </p>
        )}
      </div>
    </Screen>
  );
}

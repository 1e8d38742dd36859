/** One block: who leads it, how to reach them, what one may propose, a code for a new phone. */
import { useState } from "preact/hooks";
import type { Block, Payloads } from "../../shared/documents.ts";
import { isOpen } from "../../shared/status.ts";
import { bare } from "../ids.ts";
import { lazy } from "../lazy.tsx";
import { international } from "../report/Reporter.tsx";
import { back } from "../route.ts";
import { blocks, issueCode, leaders, notice, now, rows, Trouble } from "../state/index.ts";
import { Button, LinkButton, SaveButton } from "../ui/Button.tsx";
import { Card, zone } from "../ui/Card.tsx";
import { commit } from "../ui/commit.ts";
import { useDraft } from "../ui/draft.ts";
import { Field, Switch } from "../ui/Field.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { say } from "../ui/toast.tsx";
import { trouble } from "../ui/trouble.ts";
import { past } from "../words/dates.ts";
import { registry as w } from "../words/registry.ts";
import { type Entry, entries } from "./entries.ts";
import "./registry.css";

const QrCode = lazy<{ text: string; label: string }>(() => import("../ui/QrCode.tsx"));
type Action = Payloads["leader_proposed"]["action"];

export default function BlockPage({ args }: { args: string[] }) {
  const id = args[0] ?? "";
  const [proposing, setProposing] = useState<Action | null>(null);
  const entry = entries([...blocks.value.values()] as Block[], [...leaders.value.values()]).find(
    (one) => bare(one.block._id) === id,
  );
  if (!entry)
    return (
      <Screen title={w.title} up="#/registry">
        <p>{w.empty}</p>
      </Screen>
    );
  if (proposing) return <Propose block={id} action={proposing} onDone={() => setProposing(null)} />;
  const open = rows.value.filter((row) => row.block === id && isOpen(row.status));
  return (
    <Screen title={entry.block.name} up="#/registry" bare>
      <div class="body">
        <p class="row">
          <Icon name={entry.vacant ? "question" : "person"} />
          <span class={entry.vacant ? "vacant" : "strong"}>{entry.vacant ? w.none : entry.name}</span>
        </p>
        {entry.pending && <p class="mark">{w.pending}</p>}
        {entry.phone && (
          <div class="two">
            <LinkButton big icon="call" href={`tel:${entry.phone}`}>
              {w.call}
            </LinkButton>
            <LinkButton big icon="message" blank href={`https://wa.me/${international(entry.phone)}`}>
              {w.whatsapp}
            </LinkButton>
          </div>
        )}
        {entry.vacant ? (
          <Button left icon="person" onClick={() => setProposing("appoint")}>
            {w.propose.appoint}
          </Button>
        ) : (
          <>
            <Button left icon="repeat" onClick={() => setProposing("change")}>
              {w.propose.change}
            </Button>
            <Button left icon="close" onClick={() => setProposing("vacate")}>
              {w.propose.vacate}
            </Button>
            <Replacement entry={entry} />
          </>
        )}
        <h2>{w.open(open.length)}</h2>
      </div>
      {open.map((row) => (
        <Card key={row.id} row={row} />
      ))}
    </Screen>
  );
}

function Replacement({ entry }: { entry: Entry }) {
  const [issued, setIssued] = useState<{ code: string; url: string; expires_at: string } | null>(null);
  if (!entry.account) return <p class="muted">{w.noAccount}</p>;
  const account = entry.account;
  if (issued)
    return (
      <section class="panel panel--say">
        <h2>{w.codeTitle}</h2>
        <p class="code">
          {issued.code.slice(0, 4)} {issued.code.slice(4)}
        </p>
        <QrCode text={issued.url} label={w.codeQr} />
        <p>{w.codeUntil(past(issued.expires_at, now.value, zone()))}</p>
      </section>
    );
  return (
    <>
      <Button
        left
        icon="qr"
        onClick={() => void issueCode(account).then(setIssued, (error) => say(refusal(error), true))}
      >
        {w.code}
      </Button>
      <p class="small muted">{w.codeLead}</p>
    </>
  );
}

/** The municipality makes the code: without it there is none, and the phone says so rather than wait. */
const refusal = (error: unknown): string =>
  error instanceof Trouble && (error.code === "offline" || error.code === "timeout")
    ? w.codeNoSignal
    : trouble(error);

function Propose(props: { block: string; action: Action; onDone: () => void }) {
  const form = useDraft(`propose:${props.block}:${props.action}`, () => ({
    name: "",
    phone: "",
    text: "",
    consent: false,
  }));
  const body = form.body.value;
  const person = props.action !== "vacate";
  async function save() {
    const name = body.name.trim();
    const phone = body.phone.trim();
    const text = body.text.trim();
    if (person && !body.consent) return say(w.consentMissing, true);
    if (person && !name) return say(w.nameMissing, true);
    const saved = await commit(
      {
        kind: "leader_proposed",
        payload: { block: props.block, action: props.action, ...(text && { text }) },
        ...(person && { citizen: { name, ...(phone && { phone }) } }),
        draft: form.key,
      },
      w.saved,
    );
    if (saved) {
      props.onDone();
      back("#/registry");
    }
  }
  return (
    <Screen
      title={w.propose[props.action]}
      up="#/registry"
      onBack={props.onDone}
      action={<SaveButton onSave={save} words={w.save} />}
    >
      {person && (
        <>
          <div class="panel panel--say">
            <p class="strong">{w.consentLead}</p>
            <p>{notice.value?.short}</p>
            <Switch label={w.consent} on={body.consent} onChange={(consent) => form.edit({ consent })} />
          </div>
          {body.consent && (
            <>
              <Field label={w.name} max={120} value={body.name} onInput={(name) => form.edit({ name })} />
              <Field
                label={w.phone}
                type="tel"
                mode="tel"
                max={20}
                value={body.phone}
                onInput={(phone) => form.edit({ phone })}
              />
            </>
          )}
        </>
      )}
      <Field label={w.why} lines max={4000} value={body.text} onInput={(text) => form.edit({ text })} />
    </Screen>
  );
}

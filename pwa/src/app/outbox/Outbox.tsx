/**
 * Every act of this phone and who has it now. Two seals: on the phone, received by the municipality.
 *
 * Law: nothing disappears from here unexplained: refused work stays, with why and what to do, until it was seen.
 */
import { useEffect, useRef } from "preact/hooks";
import { path } from "../route.ts";
import type { OutboxItem, PhotoState } from "../state/contract.ts";
import {
  carry,
  courierFile,
  dismissRefused,
  now,
  outbox,
  photo_wait,
  sync,
  syncNow,
} from "../state/index.ts";
import { isToGo, isUnsent } from "../storage/custody.ts";
import { isWaiting } from "../sync/custody.ts";
import { Button } from "../ui/Button.tsx";
import { pictogram, typeName, whereKnown, zone } from "../ui/Card.tsx";
import { guarded } from "../ui/commit.ts";
import { Icon, Sign } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { Seal } from "../ui/Seal.tsx";
import { shareFile } from "../ui/share.ts";
import { say } from "../ui/toast.tsx";
import { trouble } from "../ui/trouble.ts";
import { common } from "../words/common.ts";
import { past } from "../words/dates.ts";
import { outbox as w } from "../words/outbox.ts";
import { nextTry, standing } from "./standing.ts";

const HELD = new Set(["refused", "quarantined"]);

export default function Outbox() {
  const items = outbox.value;
  const refused = items.filter((item) => HELD.has(item.custody));
  const here = items.filter((item) => isUnsent(item) || (!HELD.has(item.custody) && photosLeft(item) > 0));
  const received = items.filter((item) => !refused.includes(item) && !here.includes(item));
  const unsent = here.reduce((sum, item) => sum + photosLeft(item), here.length);
  const state = sync.value;
  const busy = state.phase === "sending" || state.phase === "photos";
  return (
    <Screen
      title={w.title}
      up="#/"
      status={false}
      bare
      action={
        <Button main big icon="send" disabled={busy} onClick={syncNow}>
          {busy ? w.sending : w.sendNow}
        </Button>
      }
    >
      <div class="body stack">
        <Progress />
        <Waiting photos={waitingForWifi(here)} />
        {here.length === 0 && refused.length === 0 && <p>{items.length === 0 ? w.empty : w.allReceived}</p>}
      </div>
      <List title={w.refused(refused.length)} items={refused} />
      <List title={w.onPhone(here.length)} items={here} />
      {here.length > 0 && <Courier unsent={unsent} />}
      <List title={w.received(received.length)} items={received.slice(0, 100)} />
      {here.length === 0 && <Courier unsent={unsent} />}
    </Screen>
  );
}

const photosLeft = (item: OutboxItem) => item.photos.filter(isToGo).length;

/** Photos that may go but for the network; those still being made, or without a received report, wait for that first. */
const waitingForWifi = (items: OutboxItem[]) =>
  items
    .filter((item) => item.custody !== "saved")
    .reduce(
      (sum, item) => sum + item.photos.filter((photo) => photo.state === "ready" && !photo.why).length,
      0,
    );

function Waiting({ photos }: { photos: number }) {
  const wait = photo_wait.value;
  if (wait === "nothing" || photos === 0 || sync.value.phase === "photos") return null;
  return (
    <div class="panel" role="status">
      <p class="strong">{w.photosWait[wait](photos)}</p>
      <p>{w.photosWaitDo}</p>
    </div>
  );
}

function Progress() {
  const state = sync.value;
  return (
    <div class="stack" role="status">
      <p class="row strong">
        <Icon name={state.online && !state.trouble ? "seal-hall" : "seal-phone"} />
        {standing(state, (at) => past(at, now.value, zone()))}
      </p>
      {state.phase === "photos" && (
        <>
          <p>{w.photosGoing}</p>
          <progress class="bar" max={1} value={state.progress ?? undefined} aria-label={w.photosGoing} />
        </>
      )}
      {nextTry(state) && <p class="small muted">{w.next(past(nextTry(state), now.value, zone()))}</p>}
    </div>
  );
}

function List({ title, items }: { title: string; items: OutboxItem[] }) {
  if (items.length === 0) return null;
  return (
    <section>
      <h2 class="band">{title}</h2>
      <ul class="rows">
        {items.map((item) => (
          <li key={item.uuid}>
            <Item item={item} />
          </li>
        ))}
      </ul>
    </section>
  );
}

const waits = (state: PhotoState) =>
  state === "ready" && photo_wait.value !== "nothing" ? w.photoWaits : null;

function Item({ item }: { item: OutboxItem }) {
  const held = HELD.has(item.custody);
  return (
    <article class="body stack" data-event={item.uuid} data-custody={item.custody}>
      <a class="row plainlink" href={path("report", item.report)}>
        <Sign name={pictogram({ type: item.type })} alarm={item.urgent} />
        <span class="grow">
          <span class="strong">
            {common.kind[item.kind]}
            {item.type ? ` · ${typeName(item.type)}` : ""}
          </span>
          <br />
          <span class="small muted">
            {[
              item.folio ?? item.provisional,
              item.about && whereKnown(item.about),
              w.savedAt(past(item.saved_at, now.value, zone())),
            ]
              .filter(Boolean)
              .join(" · ")}
          </span>
        </span>
      </a>
      {held ? (
        <div class="panel panel--warn">
          <p class="strong">{common.custody[item.custody]}</p>
          <p>{item.why?.message}</p>
          <p class="small">{item.custody === "refused" ? w.doRefused : w.doQuarantined}</p>
          {!isWaiting(item) && (
            <Button onClick={() => void guarded(() => dismissRefused(item.uuid))}>{w.dismiss}</Button>
          )}
        </div>
      ) : (
        <Seal received={item.custody !== "saved"} words={common.custody[item.custody]} />
      )}
      {item.photos.map((photo, index) => (
        <p class="small" key={photo.id}>
          <Seal
            received={photo.state === "uploaded" || photo.state === "verified"}
            words={[`Foto ${index + 1}: ${common.photo[photo.state]}`, photo.why || waits(photo.state)]
              .filter(Boolean)
              .join(" · ")}
          />
        </p>
      ))}
    </article>
  );
}

/** `unsent`: how many things a file would hold; a file made before the last of them is made anew. */
function Courier({ unsent }: { unsent: number }) {
  const input = useRef<HTMLInputElement>(null);
  // Made ready when the screen opens: a share sheet only opens within the tap itself.
  const file = useRef<File | null>(null);
  useEffect(() => {
    let current = true;
    file.current = null;
    courierFile().then(
      (made) => {
        if (current) file.current = made;
      },
      (error: unknown) => {
        if (!(error instanceof Error)) throw error;
        console.error(error);
      },
    );
    return () => {
      current = false;
    };
  }, [unsent]);
  async function shareIt() {
    // Nothing is awaited before the sheet where the file is there already.
    const made = file.current ?? (await courierFile());
    if (made) await shareFile(made);
    else say(unsent > 0 ? w.shareNone : w.shareNothing, unsent > 0);
  }
  return (
    <section class="body stack">
      <Button
        icon="share"
        wide
        onClick={() => void shareIt().catch((error: unknown) => say(trouble(error), true))}
      >
        {w.share}
      </Button>
      <p class="small muted">{w.shareLead}</p>
      <Button icon="people" wide onClick={() => input.current?.click()}>
        {w.carry}
      </Button>
      <input
        ref={input}
        hidden
        type="file"
        aria-label={w.carry}
        onChange={(event) => {
          const chosen = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (chosen)
            carry(chosen).then(
              () => say(w.carried),
              (error) => say(trouble(error), true),
            );
        }}
      />
    </section>
  );
}

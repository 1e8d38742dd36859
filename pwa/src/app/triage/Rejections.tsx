/** What the server refused or holds apart, for the desk. */
import type { Rejection } from "../../shared/documents.ts";
import { colleagues, now, quarantine, refusals } from "../state/index.ts";
import { zone } from "../ui/Card.tsx";
import { Screen } from "../ui/Screen.tsx";
import { past } from "../words/dates.ts";
import { triage as w } from "../words/triage.ts";

export default function Rejections() {
  const empty = refusals.value.size + quarantine.value.size === 0;
  return (
    <Screen title={w.rejectionsTitle} up="#/">
      <p>{empty ? w.rejectionsEmpty : w.rejectionsNote}</p>
      <List title={w.quarantineTitle} items={[...quarantine.value.values()]} />
      <List title={w.refusedTitle} items={[...refusals.value.values()]} />
    </Screen>
  );
}

function List({ title, items }: { title: string; items: Rejection[] }) {
  if (items.length === 0) return null;
  return (
    <section class="stack">
      <h2>
        {title} · {items.length}
      </h2>
      {[...items]
        .sort((a, b) => (a.at < b.at ? 1 : -1))
        .map((item) => (
          <div class="panel panel--warn" key={item._id}>
            <p class="strong">{item.message}</p>
            <p class="small muted">
              {past(item.at, now.value, zone())}
              {item.actor ? ` · ${w.by_(colleagues.value.get(item.actor)?.name ?? item.actor)}` : ""}
            </p>
          </div>
        ))}
    </section>
  );
}

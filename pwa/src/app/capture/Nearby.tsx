/** Open reports of the same family close by: join one instead of repeating it. */
import { useState } from "preact/hooks";
import { go, path } from "../route.ts";
import { nearby, types } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { typeName, whereOf } from "../ui/Card.tsx";
import { commit } from "../ui/commit.ts";
import { capture as w } from "../words/capture.ts";
import { closeFix, form, whereNow } from "./form.ts";

export function Nearby() {
  const [hidden, setHidden] = useState(false);
  const body = form.body.value;
  const { position } = whereNow(body);
  const type = body.type ? types.value.get(body.type) : undefined;
  if (hidden || !type || type.confidential || type.family === "question") return null;
  if (position.lat === undefined || position.lon === undefined) return null;
  const close = nearby(position.lat, position.lon, body.type ?? undefined, type.duplicate_radius ?? 100)
    .filter(({ row }) => !body.besides?.includes(row.id))
    .slice(0, 2);
  if (close.length === 0) return null;
  async function join(report: string) {
    // With one's photos: they show the same thing. Taken back, the form is here again.
    const act = { kind: "supported" as const, report, payload: {}, photos: form.photoIds(), draft: form.key };
    const saved = await commit(act, w.near.joined, form.load);
    if (!saved) return;
    await form.clear(false);
    closeFix();
    go(path("report", report), true);
  }
  return (
    <section class="panel panel--say" aria-labelledby="near">
      <h3 id="near">{w.near.title(close.length)}</h3>
      {close.map(({ row, distance }) => (
        <div class="stack" key={row.id} data-near={row.id}>
          <p>
            <span class="strong">{typeName(row.type)}</span>
            <br />
            <span class="small">
              {whereOf(row)} · {w.near.away(distance)}
            </span>
          </p>
          <Button icon="plus" wide onClick={() => void join(row.id)}>
            {w.near.join}
          </Button>
        </div>
      ))}
      <Button plain onClick={() => setHidden(true)}>
        {w.near.different}
      </Button>
    </section>
  );
}

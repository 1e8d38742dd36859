/** Choose several: join to an incident, assign, duplicate. */
import { useMemo, useState } from "preact/hooks";
import { go, path } from "../route.ts";
import { account, now, rows } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { pictogram, typeName, whereOf, zone } from "../ui/Card.tsx";
import { Sign } from "../ui/Icon.tsx";
import { Light } from "../ui/Light.tsx";
import { Screen } from "../ui/Screen.tsx";
import { say } from "../ui/toast.tsx";
import { triage as w } from "../words/triage.ts";
import { order, shows } from "./board.ts";
import { groups } from "./grouping.ts";
import "./triage.css";

export default function Select() {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const role = account.value?.role;
  const me = account.value?.account ?? "";
  const all = rows.value;
  const open = useMemo(
    () => order(groups(all.filter((row) => shows(row, "all", me))), "urgent", null).flatMap((g) => g.rows),
    [all, me],
  );
  function turn(id: string) {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  }
  function to(what: string, least = 1) {
    if (chosen.size < least) return say(least === 2 ? w.selectTwo : w.selectNone, true);
    go(path("triage", what, [...chosen].join(",")));
  }
  return (
    <Screen
      title={w.selectTitle}
      up="#/"
      bare
      action={
        <>
          {role === "civil_protection" && <Button onClick={() => to("join")}>{w.join}</Button>}
          <Button onClick={() => to("assign")}>{w.assign}</Button>
          <Button onClick={() => to("duplicate", 2)}>{w.duplicate}</Button>
        </>
      }
    >
      <p class="body strong" role="status">
        {w.selected(chosen.size)}
      </p>
      {open.length === 0 && <p class="empty">{w.empty}</p>}
      <ul>
        {open.slice(0, 200).map((row) => (
          <li key={row.id}>
            <label class="pick">
              <input type="checkbox" checked={chosen.has(row.id)} onChange={() => turn(row.id)} />
              <span class="card">
                <Sign name={pictogram(row)} alarm={row.priority === 1} />
                <span class="card__text">
                  <span class="card__name">{typeName(row.type)}</span>
                  <span class="card__where">{whereOf(row)}</span>
                  <span class="card__marks">
                    <Light due={row} now={now.value} zone={zone()} />
                  </span>
                </span>
              </span>
            </label>
          </li>
        ))}
      </ul>
    </Screen>
  );
}

/** Map of what is on the phone. Everything it shows can also be reached as a list below it, by keyboard. */
import { useEffect, useRef, useState } from "preact/hooks";
import { isToDo } from "../../shared/orders.ts";
import { isOpen } from "../../shared/status.ts";
import { go, path } from "../route.ts";
import type { ReportRow } from "../state/contract.ts";
import { account, profile, rows } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Screen } from "../ui/Screen.tsx";
import { Tabs } from "../ui/Tabs.tsx";
import { say } from "../ui/toast.tsx";
import { useFix } from "../ui/usefix.ts";
import { map as w } from "../words/map.ts";
import { chart, close, L, mark, me } from "./chart.ts";

const LISTED = 20;

export default function MapScreen({ args }: { args: string[] }) {
  const element = useRef<HTMLDivElement>(null);
  const map = useRef<L.Map | null>(null);
  const marks = useRef<L.LayerGroup | null>(null);
  const place = useRef<ReturnType<typeof me> | null>(null);
  const [seen, setSeen] = useState<ReportRow[]>([]);
  const [many, setMany] = useState(0);
  const fix = useFix();
  const role = account.value?.role;
  const shown =
    role === "brigade"
      ? rows.value.filter((row) => row.view !== "card" && isToDo(row, profile.value?.brigade))
      : rows.value.filter((row) => isOpen(row.status));
  const current = useRef(shown);
  current.current = shown;
  const single = args[0] === "at";

  function look() {
    const bounds = map.current?.getBounds();
    if (!bounds) return;
    const inside = current.current.filter(
      (row) => row.lat !== null && row.lon !== null && bounds.contains([row.lat, row.lon]),
    );
    setMany(inside.length);
    setSeen(inside.slice(0, LISTED));
  }
  useEffect(() => {
    if (!element.current) return;
    const made = chart(element.current, w.label);
    map.current = made;
    marks.current = L.layerGroup().addTo(made);
    place.current = me(made);
    const at = [Number(args[1]), Number(args[2])] as [number, number];
    if (single && at.every(Number.isFinite)) made.setView(at, 18);
    made.on("moveend", look);
    return () => {
      close(made);
      map.current = null;
    };
  }, []);
  useEffect(() => {
    const layer = marks.current;
    if (!layer) return;
    layer.clearLayers();
    for (const row of shown) mark(row, (one) => go(path("report", one.id)))?.addTo(layer);
    look();
  }, [rows.value, profile.value]);

  useEffect(() => place.current?.(fix), [fix]);

  return (
    <Screen
      title={w.title}
      up={single ? "#/" : undefined}
      bare
      tabs={single ? undefined : <Tabs at="#/map" />}
    >
      <div class="map">
        <div ref={element} class="map__view" />
        <div class="map__me">
          <Button
            icon="locate"
            onClick={() => {
              if (fix) map.current?.setView([fix.lat, fix.lon], 18);
              else say(w.noFix, true);
            }}
          >
            {w.mine}
          </Button>
        </div>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <section class="map__list" aria-label={w.list} tabIndex={0}>
        <p class="band" role="status">
          {many > 0 ? w.inView(many) : w.none}
        </p>
        {seen.map((row) => (
          <Card key={row.id} row={row} />
        ))}
      </section>
    </Screen>
  );
}

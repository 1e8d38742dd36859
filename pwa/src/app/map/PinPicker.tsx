/** A pin in the middle of the map: the map moves under it, by finger or by arrow keys. */
import { useEffect, useRef, useState } from "preact/hooks";
import { isOpen } from "../../shared/status.ts";
import { locate, rows } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { useFix } from "../ui/usefix.ts";
import { capture } from "../words/capture.ts";
import { map as w } from "../words/map.ts";
import { chart, close, type L, mark, me, type Point } from "./chart.ts";

interface PinProps {
  start: Point | null;
  title: string;
  label: string;
  up: string;
  onPick: (point: Point) => void;
  onBack?: (() => void) | undefined;
}

export default function PinPicker(props: PinProps) {
  const element = useRef<HTMLDivElement>(null);
  const map = useRef<L.Map | null>(null);
  const place = useRef<ReturnType<typeof me> | null>(null);
  const [words, setWords] = useState("");
  const fix = useFix();

  function point(): Point | null {
    const at = map.current?.getCenter();
    return at ? { lat: Number(at.lat.toFixed(6)), lon: Number(at.lng.toFixed(6)) } : null;
  }
  function describe() {
    const at = point();
    if (!at) return;
    const found = locate(at.lat, at.lon);
    setWords(
      [
        found.block ? capture.where.block(found.block.name) : null,
        found.colonia ? capture.where.colonia(found.colonia.name) : null,
        found.outside ? capture.where.outside : null,
      ]
        .filter(Boolean)
        .join(" · "),
    );
  }
  useEffect(() => {
    if (!element.current) return;
    const made = chart(element.current, w.pinLabel);
    map.current = made;
    place.current = me(made);
    if (props.start) made.setView([props.start.lat, props.start.lon], 18);
    for (const row of rows.value) if (isOpen(row.status)) mark(row, () => undefined)?.addTo(made);
    made.on("moveend", describe);
    describe();
    return () => {
      close(made);
      map.current = null;
    };
  }, []);
  useEffect(() => place.current?.(fix), [fix]);

  return (
    <Screen
      title={props.title}
      up={props.up}
      onBack={props.onBack}
      bare
      action={
        <Button
          main
          big
          icon="check"
          onClick={() => {
            const at = point();
            if (at) props.onPick(at);
          }}
        >
          {props.label}
        </Button>
      }
    >
      <div class="map">
        <div ref={element} class="map__view" />
        <span class="map__pin">
          <Icon name="pin" />
        </span>
        <p class="map__say">
          <span role="status">{words || w.pinLabel}</span>
          <span class="unseen"> {w.pinHelp}</span>
        </p>
        {fix && (
          <div class="map__me">
            <Button icon="locate" onClick={() => map.current?.setView([fix.lat, fix.lon], 18)}>
              {w.mine}
            </Button>
          </div>
        )}
      </div>
    </Screen>
  );
}

/** A long list a page at a time: the first fifteen at once (two screens), more as the end comes into sight or is asked for. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ReportRow } from "../state/contract.ts";
import { mine as w } from "../words/mine.ts";
import { Button } from "./Button.tsx";

const FIRST = 15;
const STEP = 50;

export function Rows(props: { rows: readonly ReportRow[]; children: (row: ReportRow) => ComponentChildren }) {
  const [shown, setShown] = useState(FIRST);
  const end = useRef<HTMLDivElement>(null);
  const left = props.rows.length - shown;
  useEffect(() => {
    const at = end.current;
    if (!at || left <= 0) return;
    const watch = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setShown((v) => v + STEP),
      { rootMargin: "600px" },
    );
    watch.observe(at);
    return () => watch.disconnect();
  }, [shown, left > 0]);
  return (
    <>
      <ul class="cards">
        {props.rows.slice(0, shown).map((row) => (
          <li key={row.id}>{props.children(row)}</li>
        ))}
      </ul>
      {left > 0 && (
        <div class="body" ref={end}>
          <Button wide onClick={() => setShown((v) => v + STEP)}>
            {w.more(left)}
          </Button>
        </div>
      )}
    </>
  );
}

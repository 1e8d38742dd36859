/**
 * A long list a page at a time: what fills the screen at once, more as the end comes into sight or is asked for.
 *
 * Law: a list of something else begins again at its first page, so that a letter typed draws one screen of answers.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ReportRow } from "../state/contract.ts";
import { mine as w } from "../words/mine.ts";
import { Button } from "./Button.tsx";

const FIRST = 10;
const STEP = 20;

interface RowsProps {
  rows: readonly ReportRow[];
  /** What these are the rows of, where that changes while the list stands: the words searched for. */
  of?: string | undefined;
  children: (row: ReportRow) => ComponentChildren;
}

export function Rows(props: RowsProps) {
  const [grown, setGrown] = useState({ of: props.of, shown: FIRST });
  const shown = grown.of === props.of ? grown.shown : FIRST;
  const grow = (): void => setGrown({ of: props.of, shown: shown + STEP });
  const end = useRef<HTMLDivElement>(null);
  const left = props.rows.length - shown;
  useEffect(() => {
    const at = end.current;
    if (!at || left <= 0) return;
    const watch = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && grow(),
      { rootMargin: "400px" },
    );
    watch.observe(at);
    return () => watch.disconnect();
  }, [props.of, shown, left > 0]);
  return (
    <>
      <ul class="cards">
        {props.rows.slice(0, shown).map((row) => (
          <li key={row.id}>{props.children(row)}</li>
        ))}
      </ul>
      {left > 0 && (
        <div class="body" ref={end}>
          <Button wide onClick={grow}>
            {w.more(left)}
          </Button>
        </div>
      )}
    </>
  );
}

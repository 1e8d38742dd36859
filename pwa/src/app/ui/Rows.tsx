/**
 * A long list a page at a time: a screenful at once, the page's rest a frame later, more as the end comes into sight
 * or is asked for.
 *
 * Law: a list of something else begins again at its first page, so that a letter typed draws one screen of answers,
 * in the cards already there: on a slow phone a card costs three times as much to make as to fill anew.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ReportRow } from "../state/contract.ts";
import { mine as w } from "../words/mine.ts";
import { Button } from "./Button.tsx";
import { FIRST, screenful, startingWith } from "./screenful.ts";

const STEP = 20;

interface RowsProps {
  rows: readonly ReportRow[];
  /** Rows there are, where `rows` holds only the first of them. */
  total?: number | undefined;
  /** What these are the rows of, where that changes while the list stands: the words searched for. */
  of?: string | undefined;
  children: (row: ReportRow) => ComponentChildren;
}

export function Rows(props: RowsProps) {
  const [grown, setGrown] = useState({ of: props.of, shown: screenful(window.innerHeight) });
  const drawn = useRef(0);
  const shown = grown.of === props.of ? grown.shown : startingWith(drawn.current, window.innerHeight);
  drawn.current = Math.min(shown, props.rows.length);
  const grow = (): void => setGrown({ of: props.of, shown: shown < FIRST ? FIRST : shown + STEP });
  const end = useRef<HTMLDivElement>(null);
  const left = (props.total ?? props.rows.length) - shown;
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
        {props.rows.slice(0, shown).map((row, i) => (
          <li key={props.of === undefined ? row.id : i}>{props.children(row)}</li>
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

/**
 * The frame of every screen: a header that speaks, one column, one primary action within the thumb's reach.
 *
 * Law: the title is the page's only h1 and takes the focus when the screen opens, so that a screen reader starts
 * where the eye does; a screen that is there to be typed into gives it to its first field, whose keyboard opens
 * without a tap. The first screen after the start leaves the focus where the browser put it.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { back, path } from "../route.ts";
import { counts, sync } from "../state/index.ts";
import { common as w } from "../words/common.ts";
import { Icon } from "./Icon.tsx";

let opened = 0;

interface ScreenProps {
  title: string;
  /** Where the arrow leads when the app was opened right here; none = a first screen, no arrow. */
  up?: string | undefined;
  onBack?: (() => void) | undefined;
  /** Left out where there is no account yet. */
  status?: boolean | undefined;
  /** Beside the title, before what the header says. */
  tools?: ComponentChildren;
  action?: ComponentChildren;
  tabs?: ComponentChildren;
  bare?: boolean | undefined;
  children: ComponentChildren;
}

export function Screen(props: ScreenProps) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${props.title} · ${w.app}`;
    const first = document.querySelector<HTMLElement>("#main [data-first]");
    if (opened++ > 0) (first ?? title.current)?.focus({ preventScroll: true });
  }, [props.title]);
  return (
    <div class="screen">
      <button type="button" class="skip" onClick={skip}>
        {w.skip}
      </button>
      <header class="head">
        {props.up !== undefined && (
          <button
            type="button"
            class="head__back"
            aria-label={w.back}
            onClick={() => (props.onBack ? props.onBack() : back(props.up))}
          >
            <Icon name="back" />
          </button>
        )}
        <div class="head__title">
          <h1 ref={title} tabIndex={-1}>
            {props.title}
          </h1>
        </div>
        {props.tools}
        {props.status !== false && <Speak />}
      </header>
      <main id="main" tabIndex={-1} class={props.bare ? "body body--bare" : "body"}>
        {props.children}
      </main>
      {(props.action || props.tabs) && (
        <footer class="foot">
          {props.action && <div class="foot__act">{props.action}</div>}
          {props.tabs}
        </footer>
      )}
    </div>
  );
}

/** Search, and the map where no tab leads to it. */
export function Find({ map }: { map?: boolean | undefined }) {
  return (
    <>
      {map && (
        <a class="head__act" href="#/map" aria-label={w.tabs.map}>
          <Icon name="map" />
        </a>
      )}
      <a class="head__act" href="#/search" aria-label={w.find}>
        <Icon name="search" />
      </a>
    </>
  );
}

function skip() {
  document.getElementById("main")?.focus();
}

/** What the header says about custody: numbers in words, and where they lead. */
function Speak() {
  const { on_phone, photos_on_phone, refused } = counts.value;
  const state = sync.value;
  let icon = "seal-hall";
  let words: string = w.status.allReceived;
  if (refused > 0) {
    icon = "warning";
    words = w.status.refused(refused);
  } else if (on_phone > 0 || photos_on_phone > 0) {
    icon = "seal-phone";
    // Without signal a second line says so, and two short lines are what the bar's height holds.
    const [acts, photos] = state.online
      ? [w.status.onPhone, w.status.photosOnPhone]
      : [w.status.unsent, w.status.photosUnsent];
    words = on_phone > 0 ? acts(on_phone) : photos(photos_on_phone);
  } else if (state.first_pull) {
    icon = "clock";
    words = w.status.receiving;
  }
  return (
    <a class="head__status" href={path("outbox")} data-status>
      <Icon name={icon} />
      <span class={state.online ? "head__words" : "head__words head__words--offline"}>
        <span aria-live="polite">{words}</span>
        {!state.online && (
          <>
            <span class="unseen">. </span>
            <span>{w.status.offline}</span>
          </>
        )}
        <span class="unseen">. {w.status.open}</span>
      </span>
    </a>
  );
}

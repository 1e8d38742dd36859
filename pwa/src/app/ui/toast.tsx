/**
 * One sentence under the header: what was just done, or what went wrong, and where it is.
 *
 * Law: it has a place of its own in the page and covers nothing. A confirmation stays until the next tap, trouble
 * until it is touched, another sentence comes or the screen changes: nothing moves under a finger by itself. What can
 * be taken back stays for all its seconds, whatever is tapped; then its button goes and its place is left.
 */
import { effect, signal, untracked } from "@preact/signals";
import { route } from "../route.ts";
import { own } from "../state/index.ts";
import { common as w } from "../words/common.ts";
import { Icon } from "./Icon.tsx";

/** How what was just done is taken back, and for how long: milliseconds. */
export interface Undo {
  ms: number;
  run: () => void;
}

interface Message {
  words: string;
  trouble: boolean;
  undo: (() => void) | null;
}

/** What is said to one person is no word for the next: it may take back what they did. */
const last = own(() => signal<Message | null>(null));

export function say(words: string, trouble = false, undo?: Undo): void {
  const said: Message = { words, trouble, undo: undo?.run ?? null };
  const message = last();
  message.value = said;
  if (undo)
    setTimeout(() => {
      if (message.value === said) message.value = { ...said, undo: null };
    }, undo.ms);
}

export function hush(): void {
  last().value = null;
}

// Before whatever was tapped hears of it: what that has to say comes after and stays.
document.addEventListener(
  "click",
  () => {
    const said = last().value;
    if (said && !said.trouble && !said.undo) hush();
  },
  true,
);
effect(() => {
  route.value;
  if (untracked(last).peek()?.trouble) hush();
});

export function Toast() {
  const said = last().value;
  return (
    <div class="toast" role={said?.trouble ? "alert" : "status"}>
      {said && (
        <>
          <button
            type="button"
            class={said.trouble ? "toast__in toast__in--risk" : "toast__in"}
            onClick={hush}
          >
            <Icon name={said.trouble ? "warning" : "seal-phone"} />
            <span>{said.words}</span>
          </button>
          {said.undo && (
            <button
              type="button"
              class="toast__undo"
              onClick={() => {
                const run = said.undo;
                hush();
                run?.();
              }}
            >
              <Icon name="undo" />
              {w.undo.offer}
            </button>
          )}
        </>
      )}
    </div>
  );
}

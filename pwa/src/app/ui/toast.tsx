/** One sentence that comes and stays until the next step: what was just done, and where it is. */
import { signal } from "@preact/signals";
import { Icon } from "./Icon.tsx";

interface Message {
  words: string;
  trouble: boolean;
}

const message = signal<Message | null>(null);
let timer = 0;

export function say(words: string, trouble = false): void {
  message.value = { words, trouble };
  clearTimeout(timer);
  // Trouble stays until something else is said; a confirmation is read in a few seconds.
  if (!trouble) timer = window.setTimeout(() => (message.value = null), 6000);
}

export function hush(): void {
  message.value = null;
}

export function Toast() {
  const said = message.value;
  return (
    <div class="toast" role={said?.trouble ? "alert" : "status"}>
      {said && (
        <button type="button" class={said.trouble ? "toast__in toast__in--risk" : "toast__in"} onClick={hush}>
          <Icon name={said.trouble ? "warning" : "seal-phone"} />
          <span>{said.words}</span>
        </button>
      )}
    </div>
  );
}

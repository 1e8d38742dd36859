/**
 * One sentence under the header: what was just done, or what went wrong, and where it is.
 *
 * Law: it has a place of its own in the page and covers nothing. A confirmation stays until the next tap, trouble
 * until it is touched, another sentence comes or the screen changes: nothing moves under a finger by itself.
 */
import { effect, signal } from "@preact/signals";
import { route } from "../route.ts";
import { Icon } from "./Icon.tsx";

interface Message {
  words: string;
  trouble: boolean;
}

const message = signal<Message | null>(null);

export function say(words: string, trouble = false): void {
  message.value = { words, trouble };
}

export function hush(): void {
  message.value = null;
}

// Before whatever was tapped hears of it: what that has to say comes after and stays.
document.addEventListener("click", () => message.value && !message.value.trouble && hush(), true);
effect(() => {
  route.value;
  if (message.peek()?.trouble) hush();
});

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

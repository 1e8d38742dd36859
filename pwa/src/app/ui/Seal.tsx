/** The two seals, never a third: outlined phone, solid town hall. */
import { common as w } from "../words/common.ts";
import { Icon } from "./Icon.tsx";

export function Seal({ received, words }: { received: boolean; words?: string | undefined }) {
  return (
    <span class={received ? "seal seal--hall" : "seal"}>
      <Icon name={received ? "seal-hall" : "seal-phone"} />
      {words ?? (received ? w.seal.hall : w.seal.phone)}
    </span>
  );
}

/** A short shake says "guardado" to a hand that is not looking. Absent on iOS: nothing depends on it. */
export function buzz(): void {
  navigator.vibrate?.(40);
}

/** A picture of the sprite. Always decoration: its meaning stands beside it in words. */
import { drawnFrom } from "./sprite.ts";

export function Icon({ name, class: extra }: { name: string; class?: string | undefined }) {
  return (
    <svg class={extra ? `icon ${extra}` : "icon"} aria-hidden="true" focusable="false">
      <use href={drawnFrom(name)} />
    </svg>
  );
}

/** A pictogram on its plate, as cards and pages carry it. */
export function Sign({ name, alarm }: { name: string; alarm?: boolean | undefined }) {
  return (
    <span class={alarm ? "sign sign--alarm" : "sign"}>
      <Icon name={name} />
    </span>
  );
}

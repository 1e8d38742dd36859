/** Buttons and links that look like them: one size for everybody, a bigger one for gloves. */
import type { ComponentChildren } from "preact";
import { common } from "../words/common.ts";
import { Icon } from "./Icon.tsx";

interface Look {
  icon?: string | undefined;
  main?: boolean | undefined;
  risk?: boolean | undefined;
  alarm?: boolean | undefined;
  plain?: boolean | undefined;
  big?: boolean | undefined;
  wide?: boolean | undefined;
  left?: boolean | undefined;
  children?: ComponentChildren;
}

function look(props: Look): string {
  const names: (keyof Look)[] = ["main", "risk", "alarm", "plain", "big", "wide", "left"];
  return ["btn", ...names.filter((name) => props[name]).map((name) => `btn--${name}`)].join(" ");
}

export interface ButtonProps extends Look {
  onClick?: (() => void) | undefined;
  disabled?: boolean | undefined;
  submit?: boolean | undefined;
  label?: string | undefined;
  pressed?: boolean | undefined;
  expanded?: boolean | undefined;
  id?: string | undefined;
}

export function Button(props: ButtonProps) {
  return (
    <button
      id={props.id}
      type={props.submit ? "submit" : "button"}
      class={look(props)}
      onClick={props.onClick}
      disabled={props.disabled}
      aria-label={props.label}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
    >
      {props.icon && <Icon name={props.icon} />}
      {props.children && <span>{props.children}</span>}
    </button>
  );
}

export function LinkButton(
  props: Look & { href: string; blank?: boolean | undefined; id?: string | undefined },
) {
  return (
    <a
      id={props.id}
      class={look(props)}
      href={props.href}
      {...(props.blank ? { target: "_blank", rel: "noopener" } : {})}
    >
      {props.icon && <Icon name={props.icon} />}
      {props.children && <span>{props.children}</span>}
    </a>
  );
}

/** The one main action of a page that is filled in. */
export function SaveButton({
  onSave,
  words = common.save,
}: {
  onSave: () => Promise<unknown>;
  words?: string;
}) {
  return (
    <Button main big icon="check" onClick={() => void onSave()}>
      {words}
    </Button>
  );
}

/** Labelled inputs. Every one has a visible label; help and trouble are tied to it for those who listen. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "./Icon.tsx";

interface FieldProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  help?: string | undefined;
  lines?: boolean | undefined;
  type?: "text" | "tel" | "number" | "search" | "date" | "password" | undefined;
  mode?: "numeric" | "decimal" | "tel" | "search" | "text" | undefined;
  max?: number | undefined;
  min?: string | undefined;
  placeholder?: string | undefined;
  autocomplete?: string | undefined;
  required?: boolean | undefined;
  hideLabel?: boolean | undefined;
  /** Takes the focus when its screen opens. */
  first?: boolean | undefined;
}

export function Field(props: FieldProps) {
  const id = useId();
  const common = {
    id,
    class: "input",
    value: props.value,
    maxLength: props.max,
    placeholder: props.placeholder,
    required: props.required,
    "data-first": props.first || undefined,
    autocomplete: (props.autocomplete ?? "off") as "off",
    "aria-describedby": props.help ? `${id}-help` : undefined,
    onInput: (event: { currentTarget: { value: string } }) => props.onInput(event.currentTarget.value),
  };
  return (
    <div class="field">
      <label class={props.hideLabel ? "unseen" : "field__label"} for={id}>
        {props.label}
      </label>
      {props.lines ? (
        <textarea {...common} rows={3} />
      ) : (
        // Preact types each kind of input apart; this one is any of the textual kinds.
        <input {...common} type={(props.type ?? "text") as "text"} inputMode={props.mode} min={props.min} />
      )}
      {props.help && (
        <p id={`${id}-help`} class="small muted">
          {props.help}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps<V extends string> {
  legend: string;
  name: string;
  value: V | null | undefined;
  options: readonly { value: V; text: string; icon?: string | undefined; note?: string | undefined }[];
  onChange: (value: V) => void;
  list?: boolean | undefined;
  /** Small and side by side: a filter above a list. */
  tight?: boolean | undefined;
  hideLegend?: boolean | undefined;
}

/** One of a few: radio buttons that look like what they are chosen for. */
export function Choice<V extends string>(props: ChoiceProps<V>) {
  return (
    <fieldset>
      <legend class={props.hideLegend ? "unseen" : undefined}>{props.legend}</legend>
      <div class={`choices${props.list ? " choices--list" : ""}${props.tight ? " choices--tight" : ""}`}>
        {props.options.map((option) => (
          <label class="choice" key={option.value}>
            <input
              type="radio"
              name={props.name}
              value={option.value}
              checked={props.value === option.value}
              onChange={() => props.onChange(option.value)}
            />
            <span class="choice__face">
              {option.icon && <Icon name={option.icon} />}
              <span>
                {option.text}
                {option.note && <span class="small"> · {option.note}</span>}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface ManyProps {
  legend: string;
  values: readonly string[];
  options: readonly { value: string; text: string }[];
  onChange: (values: string[]) => void;
}

/** Several of a few. */
export function Many(props: ManyProps) {
  const chosen = new Set(props.values);
  return (
    <fieldset>
      <legend>{props.legend}</legend>
      <div class="choices">
        {props.options.map((option) => (
          <label class="choice" key={option.value}>
            <input
              type="checkbox"
              checked={chosen.has(option.value)}
              onChange={() => {
                if (chosen.has(option.value)) chosen.delete(option.value);
                else chosen.add(option.value);
                props.onChange(props.options.map((o) => o.value).filter((v) => chosen.has(v)));
              }}
            />
            <span class="choice__face">{option.text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Switch(props: { label: ComponentChildren; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <label class="switch">
      <span>{props.label}</span>
      <input
        type="checkbox"
        checked={props.on}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
    </label>
  );
}

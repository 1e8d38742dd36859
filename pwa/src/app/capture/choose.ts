/** What is wrong decides where the flow goes: an alarm asks about danger before anything else. */
import { typed } from "../finding/typed.ts";
import { go, path } from "../route.ts";
import { types } from "../state/index.ts";
import { firstWords, form } from "./form.ts";

/** The person has said what it is. */
export function choose(type: string, urgent: boolean): void {
  const found = types.value.get(type);
  const alarm = urgent || found?.urgent === true;
  const text = firstWords(type, form.body.value.text, typed.value);
  form.edit({ type, text, answers: {}, urgent: alarm, danger: null });
  go(path("new", alarm ? "danger" : "form"));
}

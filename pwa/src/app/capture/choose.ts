/** What is wrong decides where the flow goes: an alarm asks about danger before anything else. */
import { go, path } from "../route.ts";
import { types } from "../state/index.ts";
import { form } from "./form.ts";

/** The person has said what it is. */
export function choose(type: string, urgent: boolean): void {
  const found = types.value.get(type);
  const alarm = urgent || found?.urgent === true;
  form.edit({ type, answers: {}, urgent: alarm, danger: null });
  go(path("new", alarm ? "danger" : "form"));
}

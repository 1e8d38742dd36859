/** What is wrong decides where the flow goes: an alarm asks about danger before anything else. */
import { typed } from "../finding/typed.ts";
import { go, path } from "../route.ts";
import { types } from "../state/index.ts";
import { firstWords, form, keepOpen } from "./form.ts";
import { newKey } from "./unfinished.ts";

/** The person has said what it is: a new report begins, or the open one is called what it really is. */
export function choose(type: string, urgent: boolean, changing: boolean): void {
  const found = types.value.get(type);
  const alarm = urgent || found?.urgent === true;
  if (!changing) form.begin(newKey(Date.now()));
  keepOpen();
  const text = firstWords(type, form.body.value.text, typed());
  form.edit({ type, text, answers: {}, urgent: alarm, danger: null });
  // A change takes the place of what it changes, so that the way back is the way one came.
  go(path("new", alarm ? "danger" : "form"), changing);
}

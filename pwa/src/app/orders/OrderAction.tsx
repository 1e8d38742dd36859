/** One page per act of a brigade: pause, finish, note, correct the place, not viable, return. */

import { CorrectPlace, NotePage, NotViable, Pause, Return } from "./Acts.tsx";
import { Finish } from "./Finish.tsx";
import "./orders.css";

export default function OrderAction({ args }: { args: string[] }) {
  const [what, id = ""] = args;
  if (what === "finish") return <Finish id={id} />;
  if (what === "place") return <CorrectPlace id={id} />;
  if (what === "viable") return <NotViable id={id} />;
  if (what === "return") return <Return id={id} />;
  if (what === "note") return <NotePage id={id} />;
  return <Pause id={id} />;
}

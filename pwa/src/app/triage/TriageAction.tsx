/** One page per act of triage; `ids` may be several, chosen together. */
import { ActionForm } from "./ActionForm.tsx";
import { Answer, Classify, PriorityPage } from "./Acts.tsx";
import { Assign } from "./Assign.tsx";
import { Duplicate, Join } from "./Together.tsx";
import "./triage.css";

export default function TriageAction({ args }: { args: string[] }) {
  const [what, list = ""] = args;
  const ids = list.split(",").filter(Boolean);
  const id = ids[0] ?? "";
  if (what === "assign") return <Assign ids={ids} />;
  if (what === "priority") return <PriorityPage id={id} />;
  if (what === "action") return <ActionForm id={id} />;
  if (what === "classify") return <Classify id={id} />;
  if (what === "duplicate") return <Duplicate ids={ids} />;
  if (what === "answer") return <Answer id={id} />;
  return <Join ids={ids} />;
}

/** The flow of a new report: what, danger if urgent, then one page with everything else. */
import { useEffect } from "preact/hooks";
import { go, path } from "../route.ts";
import { Danger } from "./Danger.tsx";
import { FormPage } from "./FormPage.tsx";
import { form, isOpen, openFix, takeUp } from "./form.ts";
import { Tiles } from "./Tiles.tsx";
import { WherePage } from "./WherePage.tsx";
import "./capture.css";

export default function Capture({ args }: { args: string[] }) {
  const step = args[0] ?? "";
  useEffect(() => {
    openFix();
    if (step === "draft") void takeUp(args[1]).then(() => go(path("new", "form"), true));
    else if (!isOpen()) void takeUp();
    // The fix goes on being watched between steps; FormPage closes it when it is saved or left.
  }, [step]);
  useEffect(() => {
    // The page that says "Guardado" is fetched before it is needed, not while someone waits for it.
    void import("./Saved.tsx");
  }, []);
  // What nobody touched is not unfinished.
  useEffect(() => () => form.leave(), []);
  if (step === "draft" || !isOpen()) return null;
  if (step === "danger") return <Danger />;
  if (step === "where") return <WherePage way={args[1]} />;
  if (step === "form" && form.body.value.type) return <FormPage />;
  const changing = step === "change";
  const inside = changing || step === "family" ? args[1] : step === "urgent" ? step : undefined;
  return <Tiles family={inside ?? null} changing={changing && form.body.value.type !== null} />;
}

/** The flow of a new report: what, danger if urgent, then one page with everything else. */
import { useEffect } from "preact/hooks";
import { go, path } from "../route.ts";
import { Danger } from "./Danger.tsx";
import { FormPage } from "./FormPage.tsx";
import { form, openFix } from "./form.ts";
import { Tiles } from "./Tiles.tsx";
import { WherePage } from "./WherePage.tsx";
import "./capture.css";

export default function Capture({ args }: { args: string[] }) {
  const step = args[0] ?? "";
  useEffect(() => {
    openFix();
    if (!form.ready.value)
      void form.load().then(() => {
        // A report left unfinished is taken up where it was; "Empezar otro" is on its page.
        if (form.body.value.type && (step === "" || step === "family")) go(path("new", "form"), true);
      });
    // The fix goes on being watched between steps; FormPage closes it when it is saved or left.
  }, [step]);
  useEffect(() => {
    // The page that says "Guardado" is fetched before it is needed, not while someone waits for it.
    void import("./Saved.tsx");
  }, []);
  if (!form.ready.value) return null;
  if (step === "danger") return <Danger />;
  if (step === "where") return <WherePage way={args[1]} />;
  if (step === "form" && form.body.value.type) return <FormPage />;
  return <Tiles family={step === "family" || step === "urgent" ? (args[1] ?? step) : null} />;
}

/** Assign one report or several: the agency, then the brigade if one knows it. */

import { bare } from "../ids.ts";
import { back, go, path } from "../route.ts";
import { agencies, profile } from "../state/index.ts";
import { SaveButton } from "../ui/Button.tsx";
import { commitAll } from "../ui/commit.ts";
import { useDraft } from "../ui/draft.ts";
import { Choice, Field } from "../ui/Field.tsx";
import { Screen } from "../ui/Screen.tsx";
import { say } from "../ui/toast.tsx";
import { triage as w } from "../words/triage.ts";

const ANY = "-";

export function Assign({ ids }: { ids: string[] }) {
  const form = useDraft<{ agency: string | null; brigade: string; text: string }>(
    `assign:${ids.join(",")}`,
    () => ({
      agency: profile.value?.agency ?? null,
      brigade: ANY,
      text: "",
    }),
  );
  const { agency, brigade, text } = form.body.value;
  const list = [...agencies.value.values()]
    .filter((one) => one.active !== false)
    .sort((a, b) => a.name.localeCompare(b.name, "es"));
  const chosen = list.find((one) => bare(one._id) === agency);
  const brigades = (chosen?.brigades ?? []).filter((one) => one.active !== false);
  const up = ids.length === 1 ? path("report", ids[0] as string) : "#/";
  async function save() {
    if (!agency) return say(w.assignMissing, true);
    const said = text.trim();
    const saved = await commitAll(
      ids.map((report) => ({
        kind: "assigned",
        report,
        payload: { agency, ...(brigade !== ANY && { brigade }), ...(said && { text: said }) },
        draft: form.key,
      })),
      ids.length === 1 ? w.assigned : w.assignedMany(ids.length),
    );
    if (!saved) return;
    if (ids.length === 1) back(up);
    else go("#/", true);
  }
  return (
    <Screen title={w.assignTitle} up={up} action={<SaveButton onSave={save} words={w.assign} />}>
      {ids.length > 1 && <p class="strong">{w.selected(ids.length)}</p>}
      <Choice
        legend={w.agency}
        list
        name="agency"
        value={agency}
        options={list.map((one) => ({ value: bare(one._id), text: one.name }))}
        onChange={(value) => {
          form.edit({ agency: value, brigade: ANY });
          document.getElementById("brigade")?.scrollIntoView({ block: "start" });
        }}
      />
      <div id="brigade">
        {chosen && brigades.length > 0 && (
          <Choice
            legend={`${w.brigade} · ${chosen.short ?? chosen.name}`}
            list
            name="brigade"
            value={brigade}
            options={[
              ...brigades.map((one) => ({ value: one.id, text: one.name })),
              { value: ANY, text: w.noBrigade },
            ]}
            onChange={(value) => form.edit({ brigade: value })}
          />
        )}
      </div>
      <Field
        label={w.assignText}
        lines
        max={4000}
        value={text}
        onInput={(value) => form.edit({ text: value })}
      />
    </Screen>
  );
}

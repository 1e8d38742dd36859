/**
 * Whoever reports for themselves may be called by those who come: only where they say so, for this report alone.
 *
 * Law: off until touched; the number they gave the municipality is proposed, and goes with the report as any citizen's
 * data does (a document of its own, gone from the phones at closing).
 */
import { notice, profile } from "../state/index.ts";
import { Field, Switch } from "../ui/Field.tsx";
import { capture as w } from "../words/capture.ts";
import { form } from "./form.ts";

export function CallMe() {
  const body = form.body.value;
  if (body.for_whom !== "self" || !notice.value) return null;
  return (
    <>
      <Switch
        label={w.who.callMe}
        on={body.call_me}
        onChange={(call_me) =>
          form.edit({ call_me, own_phone: call_me ? body.own_phone || (profile.value?.phone ?? "") : "" })
        }
      />
      {body.call_me && (
        <Field
          label={w.who.ownPhone}
          help={w.who.callMeHelp}
          type="tel"
          mode="tel"
          max={20}
          value={body.own_phone}
          onInput={(own_phone) => form.edit({ own_phone })}
        />
      )}
    </>
  );
}

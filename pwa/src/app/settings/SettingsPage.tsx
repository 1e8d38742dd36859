/** Photos, how it looks, space, PIN. Every change is kept at once. */
import { useState } from "preact/hooks";
import type { PhotoChoice, Settings } from "../state/contract.ts";
import { account, persist, setPin, setSetting, settings, storage } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { Choice, Field, Switch } from "../ui/Field.tsx";
import { Screen } from "../ui/Screen.tsx";
import { say } from "../ui/toast.tsx";
import { settings as w } from "../words/settings.ts";

export default function SettingsPage() {
  const now = settings.value;
  const space = storage.value;
  const set = <K extends keyof Settings>(key: K, value: Settings[K]) => void setSetting(key, value);
  return (
    <Screen title={w.title} up="#/more">
      <Choice<PhotoChoice>
        legend={w.photos}
        name="photos"
        value={now.photos}
        options={[
          { value: "always", text: w.photosAlways },
          { value: "wifi", text: w.photosWifi },
        ]}
        onChange={(value) => set("photos", value)}
      />
      <h2>{w.see}</h2>
      <Switch label={w.large} on={now.large_text} onChange={(on) => set("large_text", on)} />
      <Switch label={w.contrast} on={now.high_contrast} onChange={(on) => set("high_contrast", on)} />
      <Choice<Settings["theme"]>
        legend={w.theme}
        name="theme"
        value={now.theme}
        options={(["auto", "day", "night"] as const).map((value) => ({ value, text: w.themes[value] }))}
        onChange={(value) => set("theme", value)}
      />
      <h2>{w.alerts}</h2>
      <Switch label={w.sound} on={now.sound} onChange={(on) => set("sound", on)} />
      <h2>{w.storage}</h2>
      {space.quota > 0 && (
        <>
          <p>{w.used(space.used, space.quota)}</p>
          <progress class="bar" max={space.quota} value={space.used} aria-label={w.storage} />
        </>
      )}
      <p>{space.persisted ? w.persisted : w.notPersisted}</p>
      {space.persisted === false && (
        <Button
          icon="lock"
          onClick={() => void persist().then((kept) => say(kept ? w.persistYes : w.persistNo, !kept))}
        >
          {w.persist}
        </Button>
      )}
      <Pin />
    </Screen>
  );
}

function Pin() {
  const [pin, set] = useState("");
  const [again, setAgain] = useState("");
  const has = account.value?.has_pin === true;
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!/^\d{4,8}$/.test(pin)) return say(w.pinWrong, true);
        if (pin !== again) return say(w.pinDiffers, true);
        void setPin(pin).then(() => {
          set("");
          setAgain("");
          say(w.pinSaved);
        });
      }}
    >
      <h2>{w.pin}</h2>
      <Field
        label={w.pinNew}
        help={w.pinNote}
        type="password"
        mode="numeric"
        max={8}
        value={pin}
        onInput={set}
        autocomplete="new-password"
      />
      <Field
        label={w.pinAgain}
        type="password"
        mode="numeric"
        max={8}
        value={again}
        onInput={setAgain}
        autocomplete="new-password"
      />
      <Button submit icon="lock">
        {w.pinSave}
      </Button>
      {has && (
        <Button icon="close" onClick={() => void setPin(null).then(() => say(w.pinRemoved))}>
          {w.pinRemove}
        </Button>
      )}
    </form>
  );
}

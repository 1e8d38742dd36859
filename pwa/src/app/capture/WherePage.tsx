/** Where it is: four ways, none of more than three taps, and a line that says what counts now. */

import { lazy } from "../lazy.tsx";
import { back, go, path } from "../route.ts";
import { blocks, locate, profile } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { Field } from "../ui/Field.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { capture as w } from "../words/capture.ts";
import { common } from "../words/common.ts";
import type { Where } from "./body.ts";
import { fix, fixTrouble, form, GOOD_ACCURACY, whereNow } from "./form.ts";

const PinPicker = lazy(() => import("../map/PinPicker.tsx"));
const ICONS: Record<Where, string> = { gps: "locate", block: "home", pin: "pin", streets: "streets" };

function describe(): { icon: string; words: string; detail: string } {
  const body = form.body.value;
  const now = whereNow(body);
  const at = now.position;
  const found = at.lat !== undefined && at.lon !== undefined ? locate(at.lat, at.lon) : null;
  const name = now.block ? (blocks.value.get(now.block)?.name ?? now.block) : null;
  const detail = [
    now.where !== "block" && name ? w.where.block(name) : null,
    found?.colonia ? w.where.colonia(found.colonia.name) : null,
    found?.outside ? w.where.outside : null,
    body.where === null && now.where === "block" && !fixTrouble() && !fix() ? w.where.looking : null,
    fixTrouble() && now.where === null ? w.where.denied : null,
  ].filter(Boolean);
  const words =
    now.where === "gps"
      ? at.accuracy === undefined
        ? w.where.looking
        : at.accuracy <= GOOD_ACCURACY
          ? w.where.here(at.accuracy)
          : w.where.hereRough(at.accuracy)
      : now.where === "block"
        ? w.where.ownBlock(name ?? "")
        : now.where === "pin"
          ? w.where.pin
          : now.where === "streets"
            ? [body.place.street, body.place.between].filter(Boolean).join(" · ") || w.where.between
            : fixTrouble()
              ? w.where.none
              : w.where.looking;
  return { icon: ICONS[now.where ?? "gps"], words, detail: detail.join(" · ") };
}

export function PlaceLine() {
  const { icon, words, detail } = describe();
  return (
    <section class="panel place" aria-label={w.where.title}>
      <Icon name={icon} />
      <p class="place__text">
        <span class="strong">{words}</span>
        {detail && (
          <>
            <br />
            <span class="small muted">{detail}</span>
          </>
        )}
      </p>
      <Button label={`${common.change}: ${w.where.title}`} onClick={() => go(path("new", "where"))}>
        {common.change}
      </Button>
    </section>
  );
}

export function WherePage({ way }: { way?: string | undefined }) {
  const body = form.body.value;
  const done = () => back(path("new", "form"));
  const own = profile.value?.blocks ?? [];
  if (way === "pin") {
    const start = body.point ?? fix() ?? null;
    return (
      <PinPicker
        start={start}
        label={w.where.usePoint}
        title={w.where.optionPin}
        up={path("new", "form")}
        onPick={(point: { lat: number; lon: number }) => {
          form.edit({ where: "pin", point });
          done();
        }}
      />
    );
  }
  if (way === "block")
    return (
      <Screen title={w.where.whichBlock} up={path("new", "form")}>
        {own.map((id) => (
          <Button
            key={id}
            big
            icon="home"
            onClick={() => {
              form.edit({ where: "block", block: id });
              done();
            }}
          >
            {blocks.value.get(id)?.name ?? id}
          </Button>
        ))}
      </Screen>
    );
  if (way === "streets") {
    const set = (part: object) =>
      form.edit({ where: "streets", place: { ...form.body.value.place, ...part } });
    return (
      <Screen
        title={w.where.optionStreets}
        up={path("new", "form")}
        action={
          <Button main big icon="check" onClick={done}>
            {common.ready}
          </Button>
        }
      >
        <Field
          label={w.where.street}
          first
          max={200}
          value={body.place.street ?? ""}
          onInput={(street) => set({ street })}
        />
        <Field
          label={w.where.between1}
          max={200}
          value={body.place.between ?? ""}
          onInput={(between) => set({ between })}
        />
      </Screen>
    );
  }
  function block() {
    if (own.length === 1) {
      form.edit({ where: "block", block: own[0] as string });
      done();
    } else go(path("new", "where", "block"), true);
  }
  return (
    <Screen title={w.where.title} up={path("new", "form")}>
      {fixTrouble() && <p class="panel panel--warn">{w.where.denied}</p>}
      <div class="tiles">
        <Way
          icon="locate"
          words={w.where.optionGps}
          onClick={() => {
            form.edit({ where: "gps", point: null });
            done();
          }}
        />
        {own.length > 0 && <Way icon="home" words={w.where.optionBlock} onClick={block} />}
        <Way icon="pin" words={w.where.optionPin} onClick={() => go(path("new", "where", "pin"), true)} />
        <Way
          icon="streets"
          words={w.where.optionStreets}
          onClick={() => go(path("new", "where", "streets"), true)}
        />
      </div>
    </Screen>
  );
}

function Way(props: { icon: string; words: string; onClick: () => void }) {
  return (
    <button type="button" class="tile" onClick={props.onClick}>
      <Icon name={props.icon} />
      <span class="tile__name">{props.words}</span>
    </button>
  );
}

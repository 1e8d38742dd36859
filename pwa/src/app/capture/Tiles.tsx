/** What it is: families as tiles, then their types; or a search; or "No sé qué es". */
import { useEffect, useState } from "preact/hooks";
import type { PetitionType } from "../../shared/documents.ts";
import { keepTyped, makeReady, searchTypes } from "../finding/index.ts";
import { bare } from "../ids.ts";
import { go, path } from "../route.ts";
import { municipality, rows, types } from "../state/index.ts";
import { LinkButton } from "../ui/Button.tsx";
import { Field } from "../ui/Field.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { capture as w } from "../words/capture.ts";
import { common } from "../words/common.ts";
import { families, pictogramOf } from "../words/families.ts";
import { Answers } from "./Answers.tsx";
import { choose } from "./choose.ts";
import Unfinished from "./Unfinished.tsx";

/** So many answers that "No sé qué es" under them is still in sight. */
const SHOWN = 5;

const active = () => [...types.value.values()].filter((type) => type.active);

/** `changing`: the open report gets another name; else a new one begins, and unfinished ones are offered. */
export function Tiles({ family, changing }: { family: string | null; changing: boolean }) {
  const [query, setQuery] = useState("");
  useEffect(makeReady, []);
  const found = query.trim() ? searchTypes(query, SHOWN) : null;
  keepTyped(query.trim());
  const urgent = family === "urgent";
  const phone = municipality.value?.emergency_phone ?? "911";
  const title = family === "urgent" ? w.urgentTitle : family ? (families[family] ?? w.what) : w.what;
  return (
    <Screen
      title={title}
      up={family ? path("new") : "#/"}
      onBack={changing ? () => go(path("new", "form"), true) : undefined}
    >
      {urgent && (
        <LinkButton risk big wide icon="call" href={`tel:${phone}`}>
          {w.danger.call(phone)}
        </LinkButton>
      )}
      {!family && !changing && <Unfinished />}
      {(!family || urgent) && (
        <Field
          label={urgent ? w.urgentSearch : w.searchLabel}
          type="search"
          mode="search"
          value={query}
          onInput={setQuery}
        />
      )}
      {found ? (
        <>
          <Answers query={query} urgent={urgent} />
          <TypeTiles types={found} changing={changing} found urgent={urgent} />
          <Unknown changing={changing} urgent={urgent} />
        </>
      ) : family ? (
        <>
          <TypeTiles
            changing={changing}
            urgent={urgent}
            types={active().filter((type) => (urgent ? type.urgent : type.family === family))}
          />
          {urgent && <Unknown changing={changing} urgent />}
        </>
      ) : (
        <Families changing={changing} />
      )}
    </Screen>
  );
}

type Way = { changing: boolean };

function Families({ changing }: Way) {
  const open = (id: string) =>
    changing
      ? go(path("new", "change", id), true)
      : go(id === "urgent" ? path("new", id) : path("new", "family", id));
  const present = new Map<string, PetitionType[]>();
  for (const type of active()) present.set(type.family, [...(present.get(type.family) ?? []), type]);
  return (
    <div class="tiles">
      <button type="button" class="tile tile--across tile--alarm" onClick={() => open("urgent")}>
        <Icon name="siren" />
        <span class="tile__name">{w.urgentTile}</span>
      </button>
      {Object.entries(families).map(([id, name]) => {
        const inside = present.get(id) ?? [];
        if (id === "question" || inside.length === 0) return null;
        const only = inside.length === 1 ? inside[0] : undefined;
        return (
          <button
            type="button"
            class="tile"
            key={id}
            onClick={() => (only ? choose(bare(only._id), false, changing) : open(id))}
          >
            <Icon name={id} />
            <span class="tile__name">{name}</span>
          </button>
        );
      })}
      <Unknown changing={changing} />
    </div>
  );
}

/** What is reported most around here first; what nobody has reported, as the catalogue has it. */
function byUse(types: PetitionType[]): PetitionType[] {
  const uses = new Map<string, number>();
  for (const row of rows.value) if (row.type) uses.set(row.type, (uses.get(row.type) ?? 0) + 1);
  const use = (type: PetitionType) => uses.get(bare(type._id)) ?? 0;
  return [...types].sort((a, b) => use(b) - use(a) || b.words.length - a.words.length);
}

function TypeTiles(props: Way & { types: PetitionType[]; urgent?: boolean; found?: boolean }) {
  return (
    <div class="tiles tiles--types">
      {(props.found ? props.types : byUse(props.types))
        .filter((type) => type.family !== "question")
        .map((type) => (
          <button
            type="button"
            class={type.urgent ? "tile tile--across tile--alarm" : "tile tile--across"}
            key={type._id}
            onClick={() => choose(bare(type._id), props.urgent === true, props.changing)}
          >
            <Icon name={pictogramOf(type)} />
            <span class="tile__name">{type.name}</span>
          </button>
        ))}
    </div>
  );
}

/** What has no name in the list; on the urgent way it is as urgent as what has. */
function Unknown({ changing, urgent = false }: Way & { urgent?: boolean }) {
  return (
    <button
      type="button"
      class={urgent ? "tile tile--across tile--alarm" : "tile tile--across"}
      onClick={() => choose("unknown", urgent, changing)}
    >
      <Icon name="question" />
      <span class="tile__name">
        {urgent ? w.urgentOther : common.unknownType}
        <span class="tile__note">{urgent ? w.urgentOtherNote : w.unknownNote}</span>
      </span>
    </button>
  );
}

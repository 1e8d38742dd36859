/** Reports left unfinished, by name: go on with one or, once asked, throw it away. */
import { useState } from "preact/hooks";
import { go, path } from "../route.ts";
import { discardDraft, drafts } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { typeName } from "../ui/Card.tsx";
import { guarded } from "../ui/commit.ts";
import { clock, day } from "../words/dates.ts";
import { unfinished as w } from "../words/unfinished.ts";
import { unfinished } from "./unfinished.ts";

export default function Unfinished() {
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <>
      {unfinished(drafts.value).map(({ key, body, updated_at }) => {
        const name = w.name(
          typeName(body.type),
          `${day(updated_at, new Date())} ${clock(new Date(updated_at))}`,
        );
        return (
          <div class="note" key={key} data-unfinished={key}>
            <p class="grow">{asked === key ? w.ask(typeName(body.type)) : name}</p>
            {asked === key ? (
              <>
                <Button risk onClick={() => void guarded(() => discardDraft(key), w.thrown)}>
                  {w.yes}
                </Button>
                <Button onClick={() => setAsked(null)}>{w.no}</Button>
              </>
            ) : (
              <>
                <Button label={`${w.go}: ${name}`} onClick={() => go(path("new", "draft", key))}>
                  {w.go}
                </Button>
                <Button icon="close" label={`${w.drop}: ${name}`} onClick={() => setAsked(key)}>
                  {w.drop}
                </Button>
              </>
            )}
          </div>
        );
      })}
    </>
  );
}

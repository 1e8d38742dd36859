/** Search over everything on the phone, at each keystroke. */
import { useState } from "preact/hooks";
import { own, search } from "../state/index.ts";
import { Card } from "../ui/Card.tsx";
import { Field } from "../ui/Field.tsx";
import { Rows } from "../ui/Rows.tsx";
import { Screen } from "../ui/Screen.tsx";
import { mine as w } from "../words/mine.ts";

// Kept while the app is open, so that coming back from a report finds the same results.
const last = own(() => ({ query: "" }));

export default function Search() {
  const [query, setQuery] = useState(last().query);
  const hits = query.trim() ? search(query) : [];
  return (
    <Screen title={w.searchTitle} up="#/" bare>
      <div class="body stack">
        <Field
          label={w.searchLabel}
          type="search"
          mode="search"
          value={query}
          onInput={(value) => {
            last().query = value;
            setQuery(value);
          }}
        />
        <p class="small muted" role="status">
          {query.trim() ? (hits.length ? w.found(hits.length) : w.searchNone(query.trim())) : w.searchEmpty}
        </p>
      </div>
      <Rows rows={hits.map((hit) => hit.row)} of={query}>
        {(row) => <Card row={row} />}
      </Rows>
    </Screen>
  );
}

/** What was recorded on site stays in sight, whatever is recorded after it. */
import { expect, test } from "vitest";
import { onsiteOf } from "../../../src/app/report/onsite.ts";
import type { TimelineEntry } from "../../../src/shared/documents.ts";

const entry = (payload: Record<string, unknown>, kind = "action_recorded") =>
  ({ kind, payload }) as unknown as TimelineEntry;

test("gathers hurt people, shelter and every folio of the 911", () => {
  const found = onsiteOf([
    entry({ injured: 1, folio_911: "911-1", measures: ["Acordonamiento"] }),
    entry({ text: "Se llevó al hospital" }),
    entry({ injured: 2, people: 0, folio_911: "911-2", shelter: "Primaria Juárez" }),
    entry({ folio_911: "911-1" }),
  ]);
  expect(found).toEqual({ injured: 2, people: 0, shelter: "Primaria Juárez", folios: ["911-1", "911-2"] });
});

test("says nothing where nothing of it was recorded", () => {
  expect(onsiteOf([entry({ measures: ["Rescate"] }), entry({ injured: 3 }, "noted")])).toBeNull();
});

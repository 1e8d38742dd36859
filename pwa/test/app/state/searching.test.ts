/** A report is found by its folio as people say it. */
import { expect, it, test } from "vitest";
import { textOf } from "../../../src/app/state/searching.ts";
import type { Report } from "../../../src/shared/documents.ts";
import { words } from "../../../src/shared/normalise.ts";
import { SearchIndex } from "../../../src/shared/search.ts";

const report = (members: Partial<Report>): Report => ({ ...members }) as Report;

it.each(["330", "VE330", "ve 330", "VE-000330", "VE000330", "000330"])("%s finds VE-000330", (asked) => {
  const index = new SearchIndex();
  index.put("a", textOf("aaaaaaaa-0000", report({ folio: "VE-000330" })));
  index.put("b", textOf("bbbbbbbb-0000", report({ folio: "VE-000331", aliases: ["SAC-77"] })));
  expect(index.find(asked, 10).map(({ id }) => id)).toEqual(["a"]);
});

it("an old system's folio is said alike", () => {
  const index = new SearchIndex();
  index.put("b", textOf("bbbbbbbb-0000", report({ folio: "VE-000331", aliases: ["SAC-00077"] })));
  expect(index.find("sac77", 10)).toHaveLength(1);
});

test("ordinals fold as on the server", () => {
  expect(words("2ª cerrada, 1º piso, Nº 4, 3° nivel")).toEqual([
    "2a",
    "cerrada",
    "1o",
    "piso",
    "no",
    "4",
    "3o",
    "nivel",
  ]);
});

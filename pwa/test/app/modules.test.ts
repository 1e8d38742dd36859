/**
 * No module of the app keeps anything of a person: what the next one on a shared phone could meet is a member of the
 * open account (`state/account.ts`), or of what a screen keeps by `own()`.
 *
 * Read by TypeScript's own parser: at the top level of a module no `let`, no signal, no empty collection and no object of
 * a class, but what stands here with its reason.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { keptBy } from "../modules.ts";

const APP = fileURLToPath(new URL("../../src/app", import.meta.url));

/** Names by file, each for a reason that stands. */
const KEPT: Record<string, { names: string[]; why: string }> = {
  "state/current.ts": { names: ["tenancy"], why: "who uses the phone now" },
  "state/phone.ts": {
    names: [
      "boot",
      "accounts",
      "all_lost",
      "settings",
      "storage",
      "online",
      "network",
      "update_waiting",
      "now",
    ],
    why: "the phone's own, whoever uses it",
  },
  "route.ts": {
    names: ["route", "scrolls"],
    why: "the address that is shown, and how far pages were scrolled",
  },
  "courier/file.ts": { names: ["utf8"], why: "an encoder" },
  "storage/bell.ts": { names: ["listeners", "channel"], why: "the bell of this tab; it carries no data" },
  "storage/lock.ts": { names: ["held"], why: "names of locks" },
  "finding/finder.ts": {
    names: ["groups", "kept", "learned"],
    why: "learned of the catalogue alone, and for as long as it is that one",
  },
  "capture/form.ts": { names: ["watch", "watching"], why: "the receiver, held by the screen that is open" },
  "alert/ring.ts": { names: ["context"], why: "the loudspeaker" },
  "ui/Screen.tsx": { names: ["opened"], why: "how many screens were opened" },
  "ui/sprite.ts": { names: ["symbols"], why: "where the pictograms are" },
};

const files = readdirSync(APP, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => relative(APP, join(APP, path)));

it.each(files)("%s keeps nothing of a person", (path) => {
  const found = keptBy(path, readFileSync(join(APP, path), "utf8"));
  expect(found.sort()).toEqual([...(KEPT[path]?.names ?? [])].sort());
});

it("allows nothing that is not there", () => {
  expect(Object.keys(KEPT).filter((path) => !files.includes(path))).toEqual([]);
});

describe("what is seen", () => {
  it.each([
    ["let rows = [];", "rows"],
    ["export let timer: number | undefined;", "timer"],
    ["var x = 1;", "x"],
    ["const shown = signal<Row[]>([]);", "shown"],
    ["export const copies = new Map<string, Row>();", "copies"],
    ["const seen = new WeakMap();", "seen"],
    ["const index = new SearchIndex();", "index"],
    ["const queue: string[] = [];", "queue"],
    ["const byId: Record<string, Row> = {};", "byId"],
  ])("%s", (text, name) => expect(keptBy("a.ts", text)).toEqual([name]));

  it.each([
    ["const TABLE = new Set([1, 2]);"],
    ["const NONE: ReadonlyMap<string, Row> = new Map();"],
    ["const shown = computed(() => rows.value);"],
    ["const filter = own(() => signal(1));"],
    ["function f() { let x = 1; return x; }"],
    ["class Listing { #rows = new Map(); }"],
    ["const LIMIT = 5;"],
  ])("and not: %s", (text) => expect(keptBy("a.ts", text)).toEqual([]));
});

/** The walls between the app's rooms: `npm run check` holds them; here, that they can fall and leave nothing out. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import layers from "../rooms.json" with { type: "json" };

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const CRUISER = here("../../node_modules/dependency-cruiser/bin/dependency-cruise.mjs");

let town: string;
beforeEach(() => {
  town = mkdtempSync(join(tmpdir(), "rooms-"));
  write("tsconfig.json", JSON.stringify({ include: ["src"] }));
});
afterEach(() => rmSync(town, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(town, path)), { recursive: true });
  writeFileSync(join(town, path), text);
}

/** Names of the rules that the tree breaks. */
function broken(): string[] {
  const args = [CRUISER, "--config", here("../rooms.mjs"), "--output-type", "json", "src"];
  const told = execFileSync(process.execPath, args, { cwd: town, encoding: "utf8" });
  const { summary } = JSON.parse(told) as { summary: { violations: { rule: { name: string } }[] } };
  return [...new Set(summary.violations.map(({ rule }) => rule.name))].sort();
}

it("names every folder and file of the app once", () => {
  const found = readdirSync(here("../src/app")).sort();
  expect(layers.flat().sort()).toEqual(found);
});

it("stands in the docs, layer by layer", () => {
  const text = readFileSync(here("../../docs/app.md"), "utf8");
  const table = text.slice(text.indexOf("| rooms, lowest first |"));
  const rows = table.split("\n\n")[0]?.split("\n").slice(2) ?? [];
  const told = rows.map((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  expect(told).toEqual(layers);
});

describe("a wall that falls is said:", () => {
  it("nothing, where all is in order", () => {
    write("src/app/storage/low.ts", "export const low = 1;");
    write("src/app/state/high.ts", 'export { low } from "../storage/low.ts";');
    expect(broken()).toEqual([]);
  });

  it("a type from above", () => {
    write("src/app/storage/low.ts", 'import type { High } from "../state/high.ts"; export type Low = High;');
    write("src/app/state/high.ts", "export type High = 1;");
    expect(broken()).toEqual(["below-storage"]);
  });

  it("a chunk of a room beside", () => {
    write("src/app/orders/one.ts", 'export const load = () => import("../triage/two.ts");');
    write("src/app/triage/two.ts", "export const two = 2;");
    expect(broken()).toEqual(["below-orders"]);
  });

  it("a ring of files within a room", () => {
    write("src/app/ui/one.ts", 'import type { Two } from "./two.ts"; export type One = Two;');
    write("src/app/ui/two.ts", 'import type { One } from "./one.ts"; export type Two = One | 2;');
    expect(broken()).toEqual(["no-file-ring"]);
  });

  it("a screen that reads the store, a service worker that reaches one", () => {
    write("src/app/storage/low.ts", "export const low = 1;");
    write("src/app/mine/Mine.ts", 'export { low } from "../storage/low.ts";');
    expect(broken()).toEqual(["screens-know-no-storage"]);
    write("src/app/sync/round.ts", "export const round = 1;");
    write(
      "src/sw/sw.ts",
      'export { round } from "../app/sync/round.ts"; export { low } from "../app/mine/Mine.ts";',
    );
    expect(broken()).toEqual(["screens-know-no-storage", "service-worker-has-no-screen"]);
  });

  it("what is pure and asks the page", () => {
    write("src/app/ids.ts", "export const id = 1;");
    write("src/shared/pure.ts", 'export { id } from "../app/ids.ts";');
    write("src/worker/photo.ts", 'export { id } from "../app/ids.ts";');
    expect(broken()).toEqual(["shared-is-pure", "worker-is-alone"]);
  });
});

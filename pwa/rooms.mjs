/**
 * The app's rooms and who may import whom: the rules of dependency-cruiser, run by `npm run check`.
 *
 * Law: a room imports rooms below it, never one beside or above it, types and chunks that load later included; so no
 * ring of rooms can form. Files form none either. What a room above has to offer below is passed down by `App.tsx`.
 * The layers stand in rooms.json; docs/app.md tells what each room is for; pwa/test/rooms.test.ts holds that no folder is left out.
 */

import { readFileSync } from "node:fs";

/** `pwa/src/app`, lowest first. A name with a dot is a file of its own. */
const layers = JSON.parse(readFileSync(new URL("rooms.json", import.meta.url), "utf8"));

/** Pure rules of rooms below `state` that a screen may ask; everything else there is storage or the line. */
const ASKED = ["accounts/pin", "saving/slip", "storage/custody", "sync/custody"];

const APP = "^src/app/";
const escaped = (name) => name.replaceAll(".", "\\.");
const pathOf = (rooms) =>
  `${APP}(?:${rooms.map((room) => escaped(room) + (room.includes(".") ? "$" : "/")).join("|")})`;
const at = (room) => layers.findIndex((layer) => layer.includes(room));

const layerRules = layers.flatMap((layer, level) =>
  layer.map((room) => ({
    name: `below-${room}`,
    comment: `${room} imports only what stands below it`,
    severity: "error",
    from: { path: pathOf([room]) },
    to: { path: APP, pathNot: pathOf([room, ...layers.slice(0, level).flat()]) },
  })),
);

const below = layers
  .slice(0, at("state"))
  .flat()
  .filter((room) => !room.includes(".") && room !== "words");
const screens = layers.slice(at("state") + 1).flat();

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "no-file-ring",
      comment: "files import each other in a ring",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    ...layerRules,
    {
      name: "screens-know-no-storage",
      comment:
        "a screen reads signals and calls actions (state/contract.ts); it knows neither IndexedDB nor HTTP",
      severity: "error",
      from: { path: pathOf(screens) },
      to: { path: pathOf(below), pathNot: `${APP}(?:${ASKED.join("|")})\\.ts$` },
    },
    {
      name: "shared-is-pure",
      comment: "what runs anywhere imports nothing of one place, and no package but the canonical form's",
      severity: "error",
      from: { path: "^src/shared/" },
      to: { pathNot: "^(?:src/shared/|\\.\\./schemas/|\\.\\./node_modules/canonicalize/)" },
    },
    {
      name: "worker-is-alone",
      comment: "the worker gets bytes and gives bytes",
      severity: "error",
      from: { path: "^src/worker/" },
      to: { pathNot: "^src/(?:worker|shared)/" },
    },
    {
      name: "service-worker-has-no-screen",
      comment: "the service worker runs a round; it draws nothing and holds no account open",
      severity: "error",
      from: { path: "^src/sw/" },
      to: { path: pathOf(layers.slice(at("state")).flat()), reachable: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    // Types count: a room that needs another's types cannot be moved without it.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".mjs", ".js", ".json"],
      mainFields: ["module", "main"],
    },
  },
};

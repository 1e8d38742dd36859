/**
 * The app's build: hashed assets, a manifest the server reads, the service worker, and the first screen's size.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { serviceWorker } from "./bundle/serviceworker.ts";
import { sizes } from "./bundle/sizes.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(readFileSync(here("../package.json"), "utf8")) as { version: string };

/** Design: JavaScript and styles of the first screen, gzipped. */
export const FIRST_SCREEN_LIMIT = 60 * 1024;

export default defineConfig({
  root: here("."),
  base: "/",
  publicDir: "public",
  resolve: { alias: { "@schemas": here("../schemas") } },
  define: { __VERSION__: JSON.stringify(version) },
  // Not as a string to parse: what of a table nobody imports stays out.
  json: { namedExports: true, stringify: false },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    manifest: true,
    // The oldest browsers the design supports.
    target: ["chrome108", "safari16.4"],
    // The policy allows no data: scripts, and a sprite inlined into styles would not be cached apart.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: here("src/app/main.tsx"),
      // A busy machine is no defect of the build: what it warns of is to be read.
      checks: { bundlerTimings: false },
      // What the first screen needs anyway comes as one file: at a cold start each costs a trip to the cache.
      output: {
        codeSplitting: {
          groups: [
            {
              name: "core",
              test: /node_modules\/(preact|@preact|idb)\/|src\/app\/(state|storage|saving|sealer|accounts\/pin)|src\/shared\/(?!semaforo|presence)/,
            },
          ],
        },
      },
    },
  },
  worker: { format: "es" },
  plugins: [sizes(FIRST_SCREEN_LIMIT), serviceWorker("src/sw/sw.ts")],
});

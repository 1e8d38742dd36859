import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  resolve: {
    alias: {
      "@schemas": here("../schemas"),
      // The build that runs on a phone, not the one for Node.
      "tus-js-client": here("../node_modules/tus-js-client/lib.esm/browser/index.js"),
    },
  },
  define: { __VERSION__: JSON.stringify("0.0.0-test") },
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    environment: "node",
    server: { deps: { inline: [/tus-js-client/] } },
    // Two cores are shared with the servers other suites start.
    maxWorkers: 2,
    // A guard against hanging, not a measure: the machine may be busy with other suites.
    testTimeout: 60_000,
  },
});

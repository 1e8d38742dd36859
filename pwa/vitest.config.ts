import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  resolve: { alias: { "@schemas": fileURLToPath(new URL("../schemas", import.meta.url)) } },
  define: { __VERSION__: JSON.stringify("0.0.0-test"), __FIRST_SCREEN_LIMIT__: 60 * 1024 },
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    environment: "node",
    // Two cores are shared with the servers other suites start.
    maxWorkers: 2,
  },
});

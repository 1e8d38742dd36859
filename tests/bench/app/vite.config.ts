/** Builds the benchmark's page into the folder named by BENCH_OUT. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  base: "/bench/",
  publicDir: false,
  logLevel: "warn",
  define: { __VERSION__: '"0.1.0"', global: "globalThis" },
  resolve: { alias: { "@schemas": here("../../../schemas") } },
  json: { namedExports: true },
  build: { outDir: process.env.BENCH_OUT, emptyOutDir: true, rolldownOptions: { input: here("index.html") } },
});

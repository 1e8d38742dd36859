/** The build itself: what the first screen costs, and that the service worker keeps every file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { firstScreen } from "../../bundle/sizes.ts";
import config, { FIRST_SCREEN_LIMIT } from "../../vite.config.ts";

const dist = mkdtempSync(join(tmpdir(), "manzana-dist-"));
let costs: { file: string; gzipped: number }[] = [];

beforeAll(async () => {
  // What is measured is what is served: under the tests' own NODE_ENV libraries keep what only helps developers.
  vi.stubEnv("NODE_ENV", "production");
  await build({
    ...config,
    configFile: false,
    logLevel: "silent",
    build: { ...config.build, outDir: dist },
    plugins: [
      ...(config.plugins ?? []),
      {
        name: "test:costs",
        writeBundle(_options, bundle) {
          costs = firstScreen(bundle);
        },
      },
    ],
  });
}, 120_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dist, { recursive: true });
});

test("JavaScript and styles of the first screen stay under 60 KB gzipped", () => {
  expect(costs.some(({ file }) => file.endsWith(".js"))).toBe(true);
  expect(costs.some(({ file }) => file.endsWith(".css"))).toBe(true);
  expect(costs.reduce((sum, { gzipped }) => sum + gzipped, 0)).toBeLessThanOrEqual(FIRST_SCREEN_LIMIT);
});

test("maps, cameras, QR and uploads are not part of it", () => {
  const names = costs.map(({ file }) => file).join(" ");
  for (const heavy of ["leaflet", "round-", "decode", "Camera", "qr-"]) expect(names).not.toContain(heavy);
});

test("the service worker keeps the shell and every file of the build", () => {
  const worker = readFileSync(join(dist, "sw.js"), "utf8");
  expect(worker).not.toContain("__WB_MANIFEST");
  const files = readdirSync(join(dist, "assets")).filter((file) => /\.(js|css|svg|png|webp)$/.test(file));
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) expect(worker, file).toContain(`/assets/${file}`);
  expect(worker).toMatch(/url:"\/"|"url":"\/"/);
});

test("nothing of it asks anybody else", () => {
  for (const file of readdirSync(join(dist, "assets")).filter((name) => name.endsWith(".js"))) {
    const code = readFileSync(join(dist, "assets", file), "utf8");
    expect(code, file).not.toMatch(/(?:fetch|importScripts|import)\(\s*["'`]https?:/);
  }
});

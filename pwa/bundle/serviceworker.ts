/**
 * Builds the service worker after the app, with the list of everything it keeps for use without signal.
 *
 * Law: what the app may ever load lazily is in the list: a chunk that is missing offline is a broken screen.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, type Plugin, type ResolvedConfig } from "vite";
import { injectManifest } from "workbox-build";
import { summary } from "./sizes.ts";

/** Larger than any chunk of ours; Workbox would drop what exceeds it without failing. */
const LARGEST = 4 * 1024 * 1024;

export function serviceWorker(entry: string): Plugin {
  let config: ResolvedConfig;
  return {
    name: "manzana:service-worker",
    apply: "build",
    configResolved(resolved) {
      config = resolved;
    },
    closeBundle: {
      order: "post",
      sequential: true,
      async handler() {
        const dist = resolve(config.root, config.build.outDir);
        await build({
          configFile: false,
          root: config.root,
          publicDir: false,
          logLevel: "warn",
          resolve: { alias: config.resolve.alias },
          define: { ...config.define, "process.env.NODE_ENV": '"production"' },
          build: {
            outDir: dist,
            emptyOutDir: false,
            target: config.build.target || "es2022",
            rolldownOptions: {
              input: join(config.root, entry),
              output: { format: "iife", entryFileNames: "sw.js", codeSplitting: false },
            },
          },
        });
        const shell = readFileSync(join(config.root, "shell.html"));
        const files = readdirSync(dist, { recursive: true }).map(String).sort().join("\n");
        const revision = createHash("sha256").update(shell).update(files).digest("hex").slice(0, 16);
        const { count, size, warnings } = await injectManifest({
          swSrc: join(dist, "sw.js"),
          swDest: join(dist, "sw.js"),
          globDirectory: dist,
          globPatterns: ["**/*.{js,css,svg,png,webp,woff2,wasm}"],
          globIgnores: ["sw.js", ".vite/**"],
          dontCacheBustURLsMatching: /^assets\//,
          maximumFileSizeToCacheInBytes: LARGEST,
          modifyURLPrefix: { "": "/" },
          additionalManifestEntries: [
            { url: "/", revision },
            { url: "/manifest.webmanifest", revision },
          ],
        });
        for (const warning of warnings) config.logger.warn(warning);
        summary(
          config,
          `in all: ${count} files, ${(size / 1024).toFixed(0)} KB, kept for use without signal`,
        );
      },
    },
  };
}

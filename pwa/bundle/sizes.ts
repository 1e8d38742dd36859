/**
 * Prints what the first screen costs, and fails the build where it costs too much. The sum is said at every log
 * level but `silent`; what it is made of only with Vite's own list of files.
 *
 * Law: what counts is what a phone must have before it can show the first screen: the entry, what it imports
 * statically, and their styles, each gzipped as the server sends it.
 */
import { gzipSync } from "node:zlib";
import type { Plugin, ResolvedConfig, Rollup } from "vite";

export interface Sized {
  file: string;
  gzipped: number;
}

/** The files of the first screen in a bundle, largest first. */
export function firstScreen(bundle: Rollup.OutputBundle): Sized[] {
  const files = new Set<string>();
  const visit = (name: string): void => {
    const chunk = bundle[name];
    if (!chunk || files.has(name) || chunk.type !== "chunk") return;
    files.add(name);
    for (const style of chunk.viteMetadata?.importedCss ?? []) files.add(style);
    for (const imported of chunk.imports) visit(imported);
  };
  for (const chunk of Object.values(bundle)) {
    if (chunk.type === "chunk" && chunk.isEntry) visit(chunk.fileName);
  }
  return [...files]
    .map((file) => {
      const part = bundle[file];
      const content = part?.type === "chunk" ? part.code : (part?.source ?? "");
      return { file, gzipped: gzipSync(content, { level: 9 }).length };
    })
    .sort((a, b) => b.gzipped - a.gzipped);
}

/** One line of the build's summary, for whoever did not ask for Vite's list. */
export function summary(config: ResolvedConfig, line: string): void {
  if (config.logLevel !== "silent") process.stdout.write(`  ${line}\n`);
}

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;

export function sizes(limit: number): Plugin {
  let config: ResolvedConfig;
  return {
    name: "manzana:sizes",
    apply: "build",
    configResolved(resolved) {
      config = resolved;
    },
    writeBundle(_options, bundle) {
      const listed = firstScreen(bundle);
      const total = listed.reduce((sum, { gzipped }) => sum + gzipped, 0);
      for (const { file, gzipped } of listed) this.info(`${file}: ${gzipped} bytes gzipped`);
      summary(config, `first screen: ${kilobytes(total)} of at most ${kilobytes(limit)} gzipped`);
      if (total > limit) this.error(`the first screen costs ${total} bytes gzipped; the limit is ${limit}`);
    },
  };
}

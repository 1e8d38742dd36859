// Completes package-lock.json with the optional packages of platforms a registry mirror may not carry.
//
// Law: a lock names every optional package its packages ask for, or `npm ci` refuses it. A mirror without, say,
// a macOS binary makes npm leave that entry out; its exact version stands in the parent's optionalDependencies,
// and its platform in its name, so the entry is written from those. Entries present are never touched.
import { readFileSync, writeFileSync } from "node:fs";

const file = "package-lock.json";
const lock = JSON.parse(readFileSync(file, "utf8"));
const packages = lock.packages;

function resolves(path, name) {
  for (let base = path; ; base = base.slice(0, Math.max(base.lastIndexOf("/node_modules/"), 0))) {
    if (packages[`${base ? `${base}/` : ""}node_modules/${name}`]) return true;
    if (!base) return false;
  }
}

const systems = ["android", "darwin", "freebsd", "linux", "openbsd", "openharmony", "win32"];
const processors = ["arm", "arm64", "ia32", "loong64", "ppc64", "riscv64", "s390x", "x64"];
let added = 0;
for (const [path, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (resolves(path, name) || !/^\d/.test(version)) continue;
    const words = name.split(/[-/]/);
    const os = words.filter((word) => systems.includes(word));
    const cpu = words.filter((word) => processors.includes(word));
    packages[`node_modules/${name}`] = {
      version,
      ...(cpu.length && { cpu }),
      ...(entry.dev && { dev: true }),
      ...(os[0] === "linux" && { libc: [name.includes("musl") ? "musl" : "glibc"] }),
      optional: true,
      ...(os.length && { os }),
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
if (added) console.log(`${added} optional packages of other platforms added to ${file}`);

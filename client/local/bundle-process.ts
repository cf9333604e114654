import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { keepNewest } from "./keep-newest.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Below the project's node_modules, so that packages are found from there. */
const CACHE = join(ROOT, "node_modules", ".cache", "fantail-processes");
/** States of the sources whose files are kept. */
const KEPT = 5;
/** Folders with everything that a process of the cloud is made of. */
const SOURCES = ["client", "lambdas/protocol"];

/**
 * In a checkout, makes a plain file of a module, by its path from this folder, and gives that file's path; undefined where there is no
 * node_modules to keep it in.
 *
 * A process that loads TypeScript through tsx takes 450 ms of CPU more than one that does not, and a cloud
 * starts three.
 */
export function bundleProcess(module: string): string | undefined {
  if (!existsSync(join(ROOT, "node_modules"))) return undefined;
  // The place is part of what is made: a checkout copied with its node_modules would else run the one it came from.
  const hash = createHash("sha256").update(import.meta.url);
  for (const folder of SOURCES)
    for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).sort())
      if (name.endsWith(".ts")) hash.update(name).update(readFileSync(join(ROOT, folder, name)));
  const outfile = join(CACHE, hash.digest("hex").slice(0, 16), `${basename(module)}.mjs`);
  if (existsSync(outfile)) return outfile;
  const { buildSync }: typeof import("esbuild") = createRequire(import.meta.url)("esbuild");
  mkdirSync(dirname(outfile), { recursive: true, mode: 0o700 });
  keepNewest(CACHE, KEPT);
  const passing = join(dirname(outfile), randomUUID());
  buildSync({
    entryPoints: { [basename(module)]: fileURLToPath(new URL(`${module}.ts`, import.meta.url)) },
    outdir: passing,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // In one file, packages that only a command now and then imports would be loaded by all.
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    // Modules find their neighbours and packages by where they are, which is where they came from.
    define: { "import.meta.url": JSON.stringify(import.meta.url) },
    logLevel: "silent",
  });
  // Last the file that needs the others, which are named after what is in them.
  const isLast = (name: string) => Number(name === basename(outfile));
  for (const name of readdirSync(passing).sort((a, b) => isLast(a) - isLast(b)))
    renameSync(join(passing, name), join(dirname(outfile), name));
  rmdirSync(passing);
  return outfile;
}

import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { keepNewest } from "../folders/keep-newest.ts";
import { PACKAGE_MODULE, PACKAGE_ROOT } from "../folders/package-root.ts";

/** Folder of the bundles. It is inside the project's node_modules, so that packages resolve from there. */
const CACHE = join(PACKAGE_ROOT, "node_modules", ".cache", "fantail-processes");
/** Number of source versions whose bundles are cached. */
const KEPT = 5;
/** Folders that contain all sources of the cloud's processes. */
const SOURCES = ["client", "lambdas/protocol"];

/** Hash of the sources when this process last read them. Reading them takes 15 ms, and each cloud starts three processes. */
let version: string | undefined;

/**
 * Bundles a module into plain JavaScript when running from a checkout.
 *
 * Loading TypeScript through tsx would cost each process 450 ms more CPU.
 *
 * @param module path from the root of the package, without extension
 * @returns the bundle's path; undefined if there is no node_modules to keep it in
 */
export function bundleProcess(module: string): string | undefined {
  if (!existsSync(join(PACKAGE_ROOT, "node_modules"))) return undefined;
  const inVersion = (name: string) => join(CACHE, name, `${basename(module)}.mjs`);
  const known = version ?? versionOfBundle();
  if (known !== undefined && existsSync(inVersion(known))) return inVersion(known);
  version = hashOfSources();
  const outfile = inVersion(version);
  if (existsSync(outfile)) return outfile;
  const { buildSync }: typeof import("esbuild") = createRequire(import.meta.url)("esbuild");
  mkdirSync(dirname(outfile), { recursive: true, mode: 0o700 });
  keepNewest(CACHE, KEPT);
  const passing = join(dirname(outfile), randomUUID());
  buildSync({
    entryPoints: { [basename(module)]: join(PACKAGE_ROOT, `${module}.ts`) },
    outdir: passing,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // Without splitting, every start would load modules that only some commands import.
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    // Modules locate neighboring files and packages relative to their original location.
    define: { "import.meta.url": JSON.stringify(PACKAGE_MODULE) },
    logLevel: "silent",
  });
  // The entry file imports the others, whose names contain content hashes, so rename it last.
  const isLast = (name: string) => Number(name === basename(outfile));
  for (const name of readdirSync(passing).sort((a, b) => isLast(a) - isLast(b)))
    renameSync(join(passing, name), join(dirname(outfile), name));
  rmdirSync(passing);
  return outfile;
}

/** Returns the version of the bundle that this process runs from, if it runs from one. */
function versionOfBundle(): string | undefined {
  const folder = dirname(process.argv[1] ?? "");
  return dirname(folder) === CACHE ? basename(folder) : undefined;
}

function hashOfSources(): string {
  // Hash the location too: a checkout copied with its node_modules would otherwise run the original's bundle.
  const hash = createHash("sha256").update(PACKAGE_MODULE);
  for (const folder of SOURCES)
    for (const name of readdirSync(join(PACKAGE_ROOT, folder), { recursive: true, encoding: "utf8" }).sort())
      if (name.endsWith(".ts")) hash.update(name).update(readFileSync(join(PACKAGE_ROOT, folder, name)));
  return hash.digest("hex").slice(0, 16);
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuildOptions } from "esbuild";
import type { OwnScheme } from "../../../lambdas/protocol/cluster-settings.ts";
import { InvalidFlag } from "../../../lambdas/protocol/errors.ts";
import { EXTENSION, PACKAGE_ROOT } from "../package-root.ts";
import { installModules, type Machine } from "./install-modules.ts";
import { buildSync, LAMBDA_MODULE } from "./lambda-module.ts";
import { schemePath } from "./scheme-path.ts";

/** The code of a Lambda function: files by name, each with all it imports inside; ES modules, but for `.cjs`. */
export interface LambdaBundle {
  /** File of the asset → module of this package, without extension. */
  files: Readonly<Record<string, string>>;
  /** Module beside the entry → text that takes its place. */
  replaced?: Readonly<Record<string, string>> | undefined;
  /** File of the asset → its text, as it is. */
  texts?: Readonly<Record<string, string>> | undefined;
  /** npm packages installed beside the files, for a machine. */
  modules?: { names: readonly string[]; machine: Machine } | undefined;
}

/** The engine, with the text of the module of deployed functions, and packages beside it: in the function's own code, as a layer's would be found by `require` alone. */
export function engineBundle(
  functions: string | undefined,
  modules: readonly string[] = [],
  machine: Machine,
): LambdaBundle {
  return {
    files: {
      "index.mjs": "lambdas/engine/handler",
      "worker.mjs": "lambdas/engine/worker/worker",
      "view.cjs": "client/inside/nested-view",
    },
    texts: functions === undefined ? undefined : { "functions.mjs": functions },
    modules: modules.length > 0 ? { names: modules, machine } : undefined,
  };
}

/** The scheduler, with a scheme of the user's own, and the names of deployed functions. */
export function schedulerBundle(
  scheme: OwnScheme | undefined,
  functionNames: readonly string[] | undefined,
): LambdaBundle {
  return {
    files: { "index.mjs": "lambdas/scheduler/handler" },
    replaced: {
      ...(scheme && { "user-scheme": schemeModule(scheme) }),
      ...(functionNames && {
        "deployed-functions": `export const deployedFunctions = ${JSON.stringify(functionNames)};\n`,
      }),
    },
  };
}

/**
 * Writes the files of a bundle into a folder, by esbuild in this process: no network but for npm's where there are modules. Equal
 * inputs give equal bytes wherever the package lies.
 *
 * @throws InvalidFlag about a scheme or modules that cannot be bundled
 */
export function writeBundle({ files, replaced = {}, texts = {}, modules }: LambdaBundle, directory: string): void {
  for (const [file, module] of Object.entries(files)) {
    const entry = join(PACKAGE_ROOT, `${module}${EXTENSION}`);
    if (Object.keys(replaced).length > 0) bundleReplacing(entry, join(directory, file), replaced);
    else bundle(entry, join(directory, file), file.endsWith(".cjs") ? COMMON_JS : {});
  }
  addToBundle({ texts, modules }, directory);
}

/** Writes what is not this package's own into a folder that may hold its files already. */
export function addToBundle({ texts = {}, modules }: Pick<LambdaBundle, "texts" | "modules">, directory: string): void {
  for (const [file, text] of Object.entries(texts)) writeFileSync(join(directory, file), text);
  if (modules) installModules(modules.names, modules.machine, directory);
}

/** A module that is required: while a function runs, there is no time to wait for an import. */
const COMMON_JS: BuildOptions = {
  format: "cjs",
  define: { "import.meta.url": "fantailUrl" },
  banner: { js: 'const fantailUrl = require("node:url").pathToFileURL(__filename).href;' },
};

function bundle(entry: string, outfile: string, more: BuildOptions = {}): void {
  buildSync({
    absWorkingDir: PACKAGE_ROOT,
    entryPoints: [entry],
    outfile,
    ...LAMBDA_MODULE,
    ...more,
  });
}

/**
 * Bundles with other modules in the place of those that stand beside the entry: first without them, then again beside
 * what takes their place. `buildSync` takes no plugins, and `alias` no relative paths.
 */
function bundleReplacing(entry: string, outfile: string, replaced: Readonly<Record<string, string>>): void {
  const modules = Object.entries(replaced).map(([module, text]) => ({ own: `./${module}${EXTENSION}`, text }));
  const directory = mkdtempSync(join(tmpdir(), "fantail-bundle-"));
  try {
    const withoutThem = join(directory, "index.mjs");
    bundle(entry, withoutThem, { external: modules.map(({ own }) => own), banner: {} });
    for (const { own, text } of modules) writeFileSync(join(directory, own), text);
    // Without white space there are no comments that name the temporary folder, so the bytes stay equal.
    // A name that the module does not export is undefined to esbuild, with a warning.
    bundle(withoutThem, outfile, { minifyWhitespace: true, logOverride: { "import-is-undefined": "error" } });
  } catch (error) {
    // Of all that is put in, only a scheme is written by hand.
    throw new InvalidFlag("scheme", error instanceof Error ? error.message : String(error));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What takes the place of lambdas/scheduler/user-scheme. */
function schemeModule(scheme: OwnScheme): string {
  const name = scheme.export;
  return `import { ${name} } from ${JSON.stringify(schemePath(scheme))};\nexport const userScheme = ${name};\n`;
}

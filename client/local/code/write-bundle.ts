import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuildOptions } from "esbuild";
import type { OwnScheme } from "../../../lambdas/protocol/cluster-settings.ts";
import { InvalidFlag } from "../../../lambdas/protocol/errors.ts";
import { EXTENSION, PACKAGE_ROOT } from "../folders/package-root.ts";
import { installModules, type Machine } from "./install-modules.ts";
import { esbuild, LAMBDA_MODULE } from "./lambda-module.ts";
import { schemePath } from "./scheme-path.ts";

/**
 * The code of a Lambda function, as a set of named files. Each file contains everything it imports, except `modules`.
 * Files are ES modules unless their names end in `.cjs`.
 */
export interface LambdaBundle {
  /** Maps the name of each bundled file to the module of this package that it is made from, without extension. */
  files: Readonly<Record<string, string>>;
  /** Maps modules beside an entry of `files` to the text that replaces them. */
  replaced?: Readonly<Record<string, string>> | undefined;
  /** Maps the names of further files to their texts, which are written unchanged. */
  texts?: Readonly<Record<string, string>> | undefined;
  /** npm packages to install beside the files, and the platform to install them for. */
  modules?: { names: readonly string[]; machine: Machine } | undefined;
}

/**
 * Returns the engine's bundle, with the text of the deployed functions' module and with packages beside it. The
 * packages are part of the function's code because `import` does not find packages in a layer, only `require` does.
 */
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

/** Returns the scheduler's bundle, with the user's scheme and the names of deployed functions. */
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
 * Writes the files of a bundle into a folder. Uses the network only to install modules. Equal inputs produce equal
 * bytes wherever this package is installed.
 *
 * @throws InvalidFlag about a scheme that cannot be bundled, or modules that cannot be installed
 */
export function writeBundle({ files, replaced = {}, texts = {}, modules }: LambdaBundle, directory: string): void {
  for (const [file, module] of Object.entries(files)) {
    const entry = join(PACKAGE_ROOT, `${module}${EXTENSION}`);
    if (Object.keys(replaced).length > 0) bundleReplacing(entry, join(directory, file), replaced);
    else bundle(entry, join(directory, file), file.endsWith(".cjs") ? COMMON_JS : {});
  }
  addToBundle({ texts, modules }, directory);
}

/** Writes a bundle's texts and modules into a folder that may already hold its other files. */
export function addToBundle({ texts = {}, modules }: Pick<LambdaBundle, "texts" | "modules">, directory: string): void {
  for (const [file, text] of Object.entries(texts)) writeFileSync(join(directory, file), text);
  if (modules) installModules(modules.names, modules.machine, directory);
}

/** Options for a module that a running task loads synchronously, with `require`. */
const COMMON_JS: BuildOptions = {
  format: "cjs",
  define: { "import.meta.url": "fantailUrl" },
  banner: { js: 'const fantailUrl = require("node:url").pathToFileURL(__filename).href;' },
};

function bundle(entry: string, outfile: string, more: BuildOptions = {}): void {
  esbuild().buildSync({
    absWorkingDir: PACKAGE_ROOT,
    entryPoints: [entry],
    outfile,
    ...LAMBDA_MODULE,
    ...more,
  });
}

/**
 * Bundles an entry with some of the modules beside it replaced. Because esbuild's `buildSync` takes no plugins and
 * `alias` no relative paths, this bundles twice: first the entry without these modules, then the result, written next
 * to their replacements.
 */
function bundleReplacing(entry: string, outfile: string, replaced: Readonly<Record<string, string>>): void {
  const modules = Object.entries(replaced).map(([module, text]) => ({ own: `./${module}${EXTENSION}`, text }));
  const directory = mkdtempSync(join(tmpdir(), "fantail-bundle-"));
  try {
    const withoutThem = join(directory, "index.mjs");
    bundle(entry, withoutThem, { external: modules.map(({ own }) => own), banner: {} });
    for (const { own, text } of modules) writeFileSync(join(directory, own), text);
    // Minifying white space drops the comments that name the temporary folder, so equal inputs give equal bytes.
    // esbuild only warns about an import that a replacement does not export; make that an error.
    bundle(withoutThem, outfile, { minifyWhitespace: true, logOverride: { "import-is-undefined": "error" } });
  } catch (error) {
    // The scheme is the only replacement written by hand.
    throw new InvalidFlag("scheme", `cannot be bundled: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Returns the replacement for lambdas/scheduler/user-scheme. */
function schemeModule(scheme: OwnScheme): string {
  const name = scheme.export;
  return `import { ${name} } from ${JSON.stringify(schemePath(scheme))};\nexport const userScheme = ${name};\n`;
}

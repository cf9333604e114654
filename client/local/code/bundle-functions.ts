import { readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isLocalPackage } from "../../../lambdas/protocol/cluster-settings.ts";
import { InvalidFlag } from "../../../lambdas/protocol/errors.ts";
import { functionsPath } from "../folders/functions-path.ts";
import { EXTENSION, PACKAGE_ROOT } from "../folders/package-root.ts";
import { functionsOrigins } from "./functions-origins.ts";
import { esbuild, LAMBDA_MODULE } from "./lambda-module.ts";

/** The user's module of functions, as deployed to engines. */
export interface FunctionsBundle {
  /** Names of the module's exports without `default`, sorted. */
  names: readonly string[];
  /** Text of one ES module that contains everything it imports, except packages installed beside the engines' code. */
  text: string;
}

/**
 * Bundles the module whose exports are the deployed functions. The module is not run, so an export that is not a
 * function is only noticed when a task calls it.
 *
 * @param modules packages installed beside the engines, as pools name them. Bundling them too would duplicate them, and
 * is impossible for native code
 * @throws InvalidFlag if the module is not found, has no named exports, or cannot be bundled (with esbuild's message)
 */
export function bundleFunctions(module: string, modules: readonly string[]): FunctionsBundle {
  const entry = functionsPath(module);
  const { text, names } = bundled(entry, modules.map(packageName));
  if (names.length === 0)
    throw new InvalidFlag("functions", `${entry} has no named exports: add one, as in \`export function work() {}\``);
  return { names, text };
}

/**
 * Returns the package name of a pool's module; for a local module, the name in its package.json, or else its folder's
 * name.
 */
function packageName(module: string): string {
  if (!isLocalPackage(module)) return /^(?:@[^/]+\/)?[^@/]+/.exec(module)?.[0] ?? module;
  const folder = resolve(module.slice("file:".length));
  try {
    const { name }: { name?: unknown } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return typeof name === "string" ? name : basename(folder);
  } catch {
    return basename(folder);
  }
}

function bundled(entry: string, installed: readonly string[]): FunctionsBundle {
  const inside = resolve(PACKAGE_ROOT, "client/inside", `inside-functions${EXTENSION}`);
  try {
    const { outputFiles, metafile } = esbuild().buildSync({
      ...LAMBDA_MODULE,
      absWorkingDir: dirname(entry),
      entryPoints: [entry],
      outfile: resolve(dirname(entry), "functions.mjs"),
      write: false,
      metafile: true,
      sourcemap: "external",
      sourcesContent: false,
      // Bundle only the small part of the client that functions can use on an engine.
      alias: { "fantail-lambda": inside, "fantail-lambda/task": inside },
      external: installed.flatMap((name) => [name, `${name}/*`]),
    });
    const output = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined);
    const textOf = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
    const names = (output?.exports ?? []).filter((name) => name !== "default").sort();
    return { names, text: textOf(".mjs") + functionsOrigins(textOf(".map"), entry) };
  } catch (error) {
    throw new InvalidFlag("functions", `cannot be bundled: ${error instanceof Error ? error.message : String(error)}`);
  }
}

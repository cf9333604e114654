import { readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isLocalPackage } from "../../../lambdas/protocol/cluster-settings.ts";
import { InvalidFlag } from "../../../lambdas/protocol/errors.ts";
import { functionsPath } from "../functions-path.ts";
import { EXTENSION, PACKAGE_ROOT } from "../package-root.ts";
import { buildSync, LAMBDA_MODULE } from "./lambda-module.ts";

/** The user's module of functions as engines get it. */
export interface FunctionsBundle {
  /** Names of its exports, in order. */
  names: readonly string[];
  /** One ES module with all it imports inside, but for packages that are installed beside the engines. */
  text: string;
}

/**
 * Bundles the module whose exports are the deployed functions. It is not run: what is no function among its exports is
 * found out when a task calls it.
 *
 * @param modules what is installed beside engines, as pools name it: bundled, it would be there twice, or not at all where it is native
 * @throws InvalidFlag that says what esbuild said, or that there is nothing to deploy
 */
export function bundleFunctions(module: string, modules: readonly string[]): FunctionsBundle {
  const entry = functionsPath(module);
  const { text, names } = bundled(entry, modules.map(packageName));
  if (names.length === 0)
    throw new InvalidFlag("functions", `${entry} has no named exports: write \`export function …\``);
  return { names, text };
}

/** The package that a pool's module is: of a local one the name that it gives itself. */
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
    const { outputFiles, metafile } = buildSync({
      ...LAMBDA_MODULE,
      absWorkingDir: dirname(entry),
      entryPoints: [entry],
      outfile: resolve(dirname(entry), "functions.mjs"),
      write: false,
      metafile: true,
      // The engine has its own: of the client's they need next to nothing.
      alias: { "fantail-lambda": inside, "fantail-lambda/task": inside },
      external: installed.flatMap((name) => [name, `${name}/*`]),
    });
    const [output] = Object.values(metafile.outputs);
    const names = (output?.exports ?? []).filter((name) => name !== "default").sort();
    return { names, text: outputFiles[0]?.text ?? "" };
  } catch (error) {
    throw new InvalidFlag("functions", error instanceof Error ? error.message : String(error));
  }
}

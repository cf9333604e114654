import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import type { BuildOptions } from "esbuild";
import type { OwnScheme } from "../lambdas/protocol/cluster-settings.ts";
import { InvalidFlag } from "../lambdas/protocol/errors.ts";
import { installModules, type Machine } from "./install-modules.ts";
import { buildSync, EXTENSION, LAMBDA_MODULE, PACKAGE_ROOT } from "./lambda-module.ts";

/** The code of a Lambda function: files by name, each with all it imports inside; ES modules, but for `.cjs`. */
export interface LambdaBundle {
  /** File of the asset → module of this package, without extension. */
  files: Record<string, string>;
  /** Takes the place of lambdas/scheduler/user-scheme. */
  ownScheme?: OwnScheme | undefined;
  /** Names that take the place of those in lambdas/scheduler/deployed-functions. */
  functionNames?: readonly string[] | undefined;
  /** File of the asset → its text, as it is. */
  texts?: Readonly<Record<string, string>> | undefined;
  /** npm packages installed beside the files, for a machine. */
  modules?: { names: readonly string[]; machine: Machine } | undefined;
}

/**
 * A code asset made by esbuild in this process: no Docker, and no network but for npm's where there are modules. Addressed by its content,
 * and equal inputs give equal bytes wherever the package lies.
 */
export function bundleLambda({ files, ownScheme, functionNames, texts = {}, modules }: LambdaBundle): Code {
  const replaced = {
    ...(ownScheme && { "user-scheme": schemeModule(ownScheme) }),
    ...(functionNames && {
      "deployed-functions": `export const deployedFunctions = ${JSON.stringify(functionNames)};\n`,
    }),
  };
  return Code.fromAsset(join(PACKAGE_ROOT, "lambdas"), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry("fantail-bundles-without-docker"),
      // Never run: tells the CDK's cache of bundles one from another.
      command: [JSON.stringify({ files, replaced, texts, modules })],
      local: {
        tryBundle(directory) {
          for (const [file, module] of Object.entries(files)) {
            const entry = join(PACKAGE_ROOT, `${module}${EXTENSION}`);
            if (Object.keys(replaced).length > 0) bundleReplacing(entry, join(directory, file), replaced);
            else bundle(entry, join(directory, file), file.endsWith(".cjs") ? COMMON_JS : {});
          }
          for (const [file, text] of Object.entries(texts)) writeFileSync(join(directory, file), text);
          if (modules) installModules(modules.names, modules.machine, directory);
          return true;
        },
      },
    },
  });
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
function schemeModule({ entry, export: name }: OwnScheme): string {
  return `import { ${name} } from ${JSON.stringify(resolve(entry))};\nexport const userScheme = ${name};\n`;
}

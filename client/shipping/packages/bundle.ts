import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildResult } from "esbuild";
import { isRecord } from "../../../lambdas/protocol/record.ts";
import { ownRequire } from "./own-require.ts";
import type { PackageImport } from "./package-import.ts";

/**
 * Packages bundled as the body of a function with the parameters `module, exports, require, __filename, __dirname,
 * fantail$url`.
 */
export interface Bundle {
  text: string;
  /** `name@version` of the packages inside. */
  packages: string[];
}

/** Thrown for packages that cannot be bundled. The message is the reason, for use after a colon. */
export class Unbundlable extends Error {}

const bundles = new Map<string, Bundle>();

/**
 * Bundles imports with all their dependencies except Node's built-in modules. The k-th import becomes the export
 * `p<k>`. Results are cached for the life of the process.
 *
 * @throws Unbundlable for a package that has native code, or that esbuild cannot find or bundle
 */
export function bundlePackages(imports: readonly PackageImport[]): Bundle {
  const resolveDir = imports[0]?.resolveDir ?? process.cwd();
  const contents = imports.map(({ from, name }, at) => exportLine(JSON.stringify(from), name, at)).join("\n");
  const key = `${resolveDir}\n${contents}`;
  let bundle = bundles.get(key);
  if (!bundle) {
    bundle = build(contents, resolveDir);
    bundles.set(key, bundle);
  }
  return bundle;
}

function exportLine(from: string, name: string, at: number): string {
  if (name === "=") return `export const p${at} = require(${from});`;
  return name === "*" ? `export * as p${at} from ${from};` : `export { ${exportName(name)} as p${at} } from ${from};`;
}

function exportName(name: string): string {
  return /^[\w$]+$/.test(name) ? name : JSON.stringify(name);
}

function build(contents: string, resolveDir: string): Bundle {
  const result = run(contents, resolveDir);
  const folders = new Set<string>();
  for (const input of Object.keys(result.metafile?.inputs ?? {})) {
    const folder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(join(resolveDir, input))?.[0];
    if (folder !== undefined) folders.add(folder);
  }
  const packages = Array.from(folders, (folder) => {
    const manifest = readManifest(folder);
    const native = nativeSign(manifest);
    if (native !== undefined) {
      throw new Unbundlable(`the package ${manifest.name} has native code (${native}), which cannot be sent`);
    }
    return `${manifest.name}@${manifest.version}`;
  });
  return { text: result.outputFiles?.[0]?.text ?? "", packages: packages.sort() };
}

function run(contents: string, resolveDir: string): BuildResult {
  // Loaded on demand: most functions need no bundle, and loading esbuild takes 20 ms.
  const esbuild: typeof import("esbuild") = ownRequire("esbuild");
  try {
    return esbuild.buildSync({
      stdin: { contents, resolveDir, sourcefile: "fantail-packages.mjs", loader: "js" },
      absWorkingDir: resolveDir,
      bundle: true,
      write: false,
      metafile: true,
      format: "cjs",
      platform: "node",
      target: "node20",
      minifyWhitespace: true,
      minifySyntax: true,
      legalComments: "none",
      logLevel: "silent",
      define: { "import.meta.url": "fantail$url" },
    });
  } catch (error) {
    const complaint = firstComplaint(error);
    throw new Unbundlable(complaint === undefined ? String(error) : `esbuild reported: ${complaint}`);
  }
}

/** The text of the first error that esbuild reports. */
function firstComplaint(failure: unknown): string | undefined {
  const errors: unknown = isRecord(failure) ? failure.errors : undefined;
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  return isRecord(first) ? String(first.text) : undefined;
}

/** The fields of a package's manifest that bundling needs. */
interface Manifest {
  name: string;
  version: string;
  isBuiltOnInstall: boolean;
  dependencies: readonly string[];
  optionalDependencies: readonly string[];
}

/** Reads a package's manifest. If it is missing or damaged, the folder serves as the name. */
function readManifest(folder: string): Manifest {
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  } catch {}
  const { name, version, gypfile, dependencies, optionalDependencies } = isRecord(manifest) ? manifest : {};
  return {
    name: typeof name === "string" ? name : folder,
    version: typeof version === "string" ? version : "unknown",
    isBuiltOnInstall: Boolean(gypfile),
    dependencies: isRecord(dependencies) ? Object.keys(dependencies) : [],
    optionalDependencies: isRecord(optionalDependencies) ? Object.keys(optionalDependencies) : [],
  };
}

const NATIVE_LOADERS = [
  "node-gyp-build",
  "bindings",
  "prebuild-install",
  "@mapbox/node-pre-gyp",
  "node-gyp",
  "nan",
  "node-addon-api",
];

/**
 * Returns the field or dependency of a package's manifest that shows that the package has native code; undefined if
 * none does. esbuild detects only `.node` files that are imported by name.
 */
function nativeSign(manifest: Manifest): string | undefined {
  if (manifest.isBuiltOnInstall) return "gypfile";
  const loader = NATIVE_LOADERS.find((name) => manifest.dependencies.includes(name));
  if (loader !== undefined) return loader;
  return manifest.optionalDependencies.find((name) => /(linux|darwin|win32)-(x64|arm64|ia32|arm)/.test(name));
}

import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isInstalled, scriptFile, scriptSource, scriptUrl } from "../inspector/script-catalog.ts";
import { type ImportedName, importsOf } from "../source/import-table.ts";
import { exportsOf } from "../source/module-exports.ts";
import { isBuiltinModule } from "./builtin-modules.ts";
import { ownRequire } from "./own-require.ts";

/** An export of an installed package, in the form passed to esbuild. */
export interface PackageImport {
  /** A bare specifier or a file's path. */
  from: string;
  /** The export's name; `*` for the module's namespace, `=` for the result of `require`. */
  name: string;
  /** A member of the export, if that is an object of functions (CommonJS). */
  member?: string;
  /** The folder from which bare specifiers are resolved. */
  resolveDir: string;
}

/**
 * Returns the export that is this function, found by identity in loaded CommonJS modules, or by its source text in an
 * ES module. The search does not depend on import statements, so it works for plain imports, vite's import objects, and
 * functions passed as values. Undefined for functions that a package does not export or created at run time.
 */
export function packageFunction(fn: object, scriptId: string): PackageImport | undefined {
  const file = scriptFile(scriptUrl(scriptId));
  if (file === undefined) return undefined;
  const inCache = commonJsExport(fn);
  if (inCache) return inCache;
  const name = exportedFunctions(scriptId).get(Function.prototype.toString.call(fn));
  return name === undefined ? undefined : { from: file, name, resolveDir: folderOf(file) };
}

/** Returns the package and export that a script imports under this name; undefined for local and built-in modules. */
export function packageImport(scriptId: string, local: string, member?: string): PackageImport | undefined {
  const imported = importTable(scriptId).get(local);
  const found = imported && locate(scriptId, imported.specifier);
  if (!imported || !found || member === undefined) return found && { ...found, name: imported?.name ?? "*" };
  return imported.name === "*" ? { ...found, name: member } : { ...found, name: imported.name, member };
}

/** Returns the package that a function loads while it runs, as by `await import("devalue")`. */
export function packageRequest(scriptId: string | undefined, specifier: string): PackageImport | undefined {
  const found = scriptId === undefined ? undefined : locate(scriptId, specifier);
  return found && { ...found, name: "*" };
}

/**
 * Resolves a script's specifier to one that esbuild accepts, undoing vite's rewriting; undefined for local and built-in
 * modules.
 */
function locate(scriptId: string, specifier: string): Omit<PackageImport, "name"> | undefined {
  const file = scriptFile(scriptUrl(scriptId));
  if (file === undefined || isBuiltinModule(specifier)) return undefined;
  const path = specifier.startsWith("file:")
    ? fileURLToPath(specifier)
    : specifier.replace(/^\/@fs\//, "/").replace(/\?.*$/s, "");
  if (isAbsolute(path)) {
    if (!isInstalled(path)) return undefined;
    // Vite writes paths relative to its root.
    const root = existsSync(path) ? "" : upwards(dirname(file)).find((folder) => existsSync(join(folder, path)));
    return root === undefined ? undefined : { from: join(root, path), resolveDir: folderOf(join(root, path)) };
  }
  if (/^[.#]/.test(path)) return undefined;
  const name = /^(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path;
  const holder = upwards(dirname(file)).find((folder) => existsSync(join(folder, "node_modules", name)));
  if (holder === undefined) return { from: path, resolveDir: dirname(file) };
  const real = realpathSync(join(holder, "node_modules", name));
  return { from: path, resolveDir: isInstalled(real) ? folderOf(real) : holder };
}

/**
 * Returns the folder with the outermost `node_modules`. It is the same for all packages of a project, so that they
 * share one bundle.
 */
function folderOf(file: string): string {
  return file.replace(/[\\/]node_modules[\\/].*$/s, "") || "/";
}

function upwards(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...upwards(parent)];
}

/** Returns the CommonJS module of a package, or the member of one, that is exactly this value. */
export function commonJsExport(value: unknown): PackageImport | undefined {
  for (const [file, module] of Object.entries(ownRequire.cache)) {
    if (!module || !isInstalled(file)) continue;
    const exports: unknown = module.exports;
    const at = { from: file, name: "=", resolveDir: folderOf(file) };
    if (exports === value) return at;
    if ((typeof exports !== "object" && typeof exports !== "function") || exports === null) continue;
    // Call getters only if a compiler wrote them.
    const compiled = Object.hasOwn(exports, "__esModule");
    for (const [member, { value: held, get }] of Object.entries(Object.getOwnPropertyDescriptors(exports))) {
      if (held === value || (compiled && get?.call(exports) === value)) return { ...at, member };
    }
  }
  return undefined;
}

const importTables = new Map<string, ReadonlyMap<string, ImportedName>>();

/** Returns the imports of a loaded script, by local name. */
function importTable(scriptId: string): ReadonlyMap<string, ImportedName> {
  const table = importTables.get(scriptId) ?? importsOf(scriptSource(scriptId) ?? "");
  importTables.set(scriptId, table);
  return table;
}

const exportsByText = new Map<string, ReadonlyMap<string, string>>();

/** Returns the names of the functions and classes that a loaded ES module exports, by source text. */
function exportedFunctions(scriptId: string): ReadonlyMap<string, string> {
  const byText = exportsByText.get(scriptId) ?? exportsOf(scriptSource(scriptId) ?? "");
  exportsByText.set(scriptId, byText);
  return byText;
}

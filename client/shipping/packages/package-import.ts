import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isInstalled, scriptFile, scriptSource, scriptUrl } from "../inspector/script-catalogue.ts";
import { type ImportedName, importsOf } from "../source/import-table.ts";
import { exportsOf } from "../source/module-exports.ts";
import { isBuiltinModule } from "./builtin-modules.ts";
import { ownRequire } from "./own-require.ts";

/** An export of an installed package, as esbuild is told of it. */
export interface PackageImport {
  /** A bare specifier or the path of a file. */
  from: string;
  /** The export's name; `*` for the module's namespace, `=` for what `require` gives. */
  name: string;
  /** A further member, where the export is an object of functions (CommonJS). */
  member?: string;
  /** Where bare specifiers are looked up. */
  resolveDir: string;
}

/**
 * The export that is this function, found by where its text stands: no import statement has to be known,
 * so it works the same for a plain import, vite's objects and a function that was passed on.
 * Undefined for functions that a package made or keeps for itself.
 */
export function packageFunction(fn: object, scriptId: string): PackageImport | undefined {
  const file = scriptFile(scriptUrl(scriptId));
  if (file === undefined) return undefined;
  const inCache = commonJsExport(fn);
  if (inCache) return inCache;
  const name = exportedFunctions(scriptId).get(Function.prototype.toString.call(fn));
  return name === undefined ? undefined : { from: file, name, resolveDir: folderOf(file) };
}

/** The package and export that a script imports under this name; undefined for modules of its own and Node's. */
export function packageImport(scriptId: string, local: string, member?: string): PackageImport | undefined {
  const imported = importTable(scriptId).get(local);
  const found = imported && locate(scriptId, imported.specifier);
  if (!imported || !found || member === undefined) return found && { ...found, name: imported?.name ?? "*" };
  return imported.name === "*" ? { ...found, name: member } : { ...found, name: imported.name, member };
}

/** The package that a function asks for when it runs, as in `await import("devalue")`. */
export function packageRequest(scriptId: string | undefined, specifier: string): PackageImport | undefined {
  const found = scriptId === undefined ? undefined : locate(scriptId, specifier);
  return found && { ...found, name: "*" };
}

/** What esbuild can look up of a script's specifier, vite's spellings undone; undefined for local modules and Node's. */
function locate(scriptId: string, specifier: string): Omit<PackageImport, "name"> | undefined {
  const file = scriptFile(scriptUrl(scriptId));
  if (file === undefined || isBuiltinModule(specifier)) return undefined;
  const path = specifier.startsWith("file:")
    ? fileURLToPath(specifier)
    : specifier.replace(/^\/@fs\//, "/").replace(/\?.*$/, "");
  if (isAbsolute(path)) {
    if (!isInstalled(path)) return undefined;
    // Vite writes paths from its root.
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

/** The folder that holds the outermost `node_modules`: one for all packages of a project, so that they make one bundle. */
function folderOf(file: string): string {
  return file.replace(/[\\/]node_modules[\\/].*$/, "") || "/";
}

function upwards(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...upwards(parent)];
}

/** The CommonJS module of a package, or the member of one, that is exactly this value. */
export function commonJsExport(value: unknown): PackageImport | undefined {
  for (const [file, module] of Object.entries(ownRequire.cache)) {
    if (!module || !isInstalled(file)) continue;
    const exports: unknown = module.exports;
    const at = { from: file, name: "=", resolveDir: folderOf(file) };
    if (exports === value) return at;
    if ((typeof exports !== "object" && typeof exports !== "function") || exports === null) continue;
    // Getters are called only where a compiler wrote them.
    const compiled = Object.hasOwn(exports, "__esModule");
    for (const [member, { value: held, get }] of Object.entries(Object.getOwnPropertyDescriptors(exports))) {
      if (held === value || (compiled && get?.call(exports) === value)) return { ...at, member };
    }
  }
  return undefined;
}

const importTables = new Map<string, ReadonlyMap<string, ImportedName>>();

/** The imports of a loaded script by local name. */
function importTable(scriptId: string): ReadonlyMap<string, ImportedName> {
  const table = importTables.get(scriptId) ?? importsOf(scriptSource(scriptId) ?? "");
  importTables.set(scriptId, table);
  return table;
}

const exportsByText = new Map<string, ReadonlyMap<string, string>>();

/** The functions and classes that a loaded ES module exports: name by source text. */
function exportedFunctions(scriptId: string): ReadonlyMap<string, string> {
  const byText = exportsByText.get(scriptId) ?? exportsOf(scriptSource(scriptId) ?? "");
  exportsByText.set(scriptId, byText);
  return byText;
}

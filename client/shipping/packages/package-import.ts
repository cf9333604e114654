import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "acorn";
import { isInstalled, scriptFile, scriptSource, scriptUrl } from "../inspector/script-catalogue.ts";
import type { SyntaxNode } from "../source/free-variables.ts";
import { isBuiltinModule } from "./builtin-modules.ts";
import { importTable } from "./import-table.ts";
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

const exportsByText = new Map<string, Map<string, string>>();

/** The functions and classes that an ES module exports: name by source text. */
function exportedFunctions(scriptId: string): Map<string, string> {
  let byText = exportsByText.get(scriptId);
  if (!byText) {
    byText = readExports(scriptSource(scriptId) ?? "");
    exportsByText.set(scriptId, byText);
  }
  return byText;
}

function readExports(source: string): Map<string, string> {
  const byText = new Map<string, string>();
  const locals = new Map<string, string>();
  const statements = moduleStatements(source);
  for (const statement of statements) {
    if (statement.type === "ExportDefaultDeclaration") {
      const declared = statement.declaration as SyntaxNode;
      if (declared.type === "Identifier") locals.set(String(declared.name), "default");
      else byText.set(source.slice(declared.start, declared.end), "default");
    }
    if (statement.type !== "ExportNamedDeclaration" || statement.source) continue;
    for (const { name } of declarations(statement.declaration as SyntaxNode | null)) locals.set(name, name);
    for (const item of statement.specifiers as SyntaxNode[]) {
      const exported = item.exported as SyntaxNode;
      locals.set(String((item.local as SyntaxNode).name), String(exported.name ?? exported.value));
    }
  }
  for (const statement of statements) {
    const inner =
      statement.type === "ExportNamedDeclaration" ? (statement.declaration as SyntaxNode | null) : statement;
    for (const { name, value } of declarations(inner)) {
      const exported = locals.get(name);
      if (exported !== undefined && value) byText.set(source.slice(value.start, value.end), exported);
    }
  }
  return byText;
}

/** Names that a statement declares, with the function or class that each holds. */
function declarations(statement: SyntaxNode | null): { name: string; value: SyntaxNode | undefined }[] {
  if (statement?.type === "FunctionDeclaration" || statement?.type === "ClassDeclaration") {
    return [{ name: String((statement.id as SyntaxNode).name), value: statement }];
  }
  if (statement?.type !== "VariableDeclaration") return [];
  return (statement.declarations as SyntaxNode[]).map(({ id, init }) => ({
    name: String((id as SyntaxNode).name),
    value: (init as SyntaxNode | null) ?? undefined,
  }));
}

function moduleStatements(source: string): SyntaxNode[] {
  try {
    const tree = parse(source, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true });
    return (tree as unknown as SyntaxNode).body as SyntaxNode[];
  } catch {
    return [];
  }
}

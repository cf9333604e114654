import { isBuiltin as isNodeModule } from "node:module";
import { types } from "node:util";
import { ownRequire } from "./own-require.ts";

/** The module and member of a value of Node's built-in modules. */
export interface BuiltinExport {
  module: string;
  /** Undefined for the module itself. */
  member: string | undefined;
}

const places = new Map<unknown, BuiltinExport>();
let listed = 0;

/** Returns the `node:` module and member that hold exactly this function or object; undefined if none does. */
export function builtinPlace(value: unknown): BuiltinExport | undefined {
  listLoaded();
  return places.get(value);
}

/** Returns the built-in module that has this namespace, as given by `import * as`. */
export function builtinNamespace(namespace: object): string | undefined {
  const main: unknown = Reflect.get(namespace, "default");
  const place = main === undefined ? undefined : builtinPlace(main);
  return place?.member === undefined ? place?.module : undefined;
}

/** Whether the value is this built-in module or its namespace. */
export function isBuiltin(value: unknown, module: string): boolean {
  const place = builtinPlace(value);
  const whole = place?.member === undefined ? place?.module : undefined;
  const isNamespace = typeof value === "object" && value !== null && types.isModuleNamespaceObject(value);
  const found = whole ?? (isNamespace ? builtinNamespace(value) : undefined);
  return found?.replace(/^node:/, "") === module.replace(/^node:/, "");
}

/** Whether the specifier names a built-in module of Node. */
export function isBuiltinModule(specifier: string): boolean {
  return isNodeModule(specifier);
}

/**
 * Indexes the built-in modules that are loaded. No value can come from a module that is not loaded, and loading all
 * would take 30 ms and megabytes of memory.
 */
function listLoaded(): void {
  const list: unknown = Reflect.get(process, "moduleLoadList");
  const loaded: readonly unknown[] = Array.isArray(list) ? list : [];
  if (loaded.length === listed) return;
  for (const entry of loaded.slice(listed)) {
    const name = /^NativeModule ([a-z_/0-9]+)$/.exec(String(entry))?.[1];
    if (name !== undefined && !name.startsWith("internal/") && isNodeModule(`node:${name}`)) addMembers(`node:${name}`);
  }
  listed = loaded.length;
}

function addMembers(module: string): void {
  const main: unknown = ownRequire(module);
  if (!isWalkable(main) || main === process) return;
  if (!places.has(main)) places.set(main, { module, member: undefined });
  for (const [member, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(main))) {
    // Do not call getters: some print a warning.
    const value: unknown = descriptor.value;
    if (isWalkable(value) && !places.has(value)) places.set(value, { module, member });
  }
}

function isWalkable(value: unknown): value is object {
  return typeof value === "function" || (typeof value === "object" && value !== null);
}

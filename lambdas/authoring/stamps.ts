import { processWide } from "./process-wide.ts";

/** A predicate of `depend`, and what it is called with. */
export type Check = readonly [predicate: (...args: unknown[]) => unknown, args: readonly unknown[]];

/** What `requires` and `depend` said of a function before it came to this engine; kept for tasks that submit it on. */
export interface Stamp {
  /** Names of modules that must load on its engine. */
  modules: readonly string[];
  checks: readonly Check[];
}

interface Registry {
  stamps: WeakMap<object, Stamp>;
  /** Namespaces of required modules that were loaded here, by name. */
  modules: Map<string, object>;
}

const REGISTRY = Symbol.for("fantail.stamps");

/** Notes what was said of a function; it is called as before. */
export function stampFunction(fn: object, stamp: Stamp): void {
  registry().stamps.set(fn, stamp);
}

export function stampOf(fn: object): Stamp | undefined {
  return registry().stamps.get(fn);
}

/** Notes a module that was required and is here. */
export function noteModule(name: string, namespace: object): void {
  registry().modules.set(name, namespace);
}

/** Modules that were required and are here, by name; none where this is no engine. */
export function notedModules(): ReadonlyMap<string, object> {
  return registry().modules;
}

/** The process's: a task's view is bundled apart. */
function registry(): Registry {
  return processWide<Registry>(REGISTRY, () => ({ stamps: new WeakMap(), modules: new Map() }));
}

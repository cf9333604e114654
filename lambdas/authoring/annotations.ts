import { processWide } from "./process-wide.ts";

/** A predicate of `depend` and its arguments. */
export type Check = readonly [predicate: (...args: unknown[]) => unknown, args: readonly unknown[]];

/**
 * The requirements that `requires` and `depend` put on a function that was sent to this engine. They are kept in case a
 * task submits the function again.
 */
export interface Annotation {
  /** Names of modules that must load on the function's engine. */
  modules: readonly string[];
  checks: readonly Check[];
}

interface Registry {
  annotations: WeakMap<object, Annotation>;
  /** Namespaces of required modules that were loaded here, by module name. */
  modules: Map<string, object>;
}

const REGISTRY = Symbol.for("fantail.annotations");

/** Records an annotation of a function. The function itself stays unchanged. */
export function annotate(fn: object, annotation: Annotation): void {
  registry().annotations.set(fn, annotation);
}

/** The annotation of a function; undefined if it has none. */
export function annotationOf(fn: object): Annotation | undefined {
  return registry().annotations.get(fn);
}

/** Records a required module that was loaded here. */
export function noteModule(name: string, namespace: object): void {
  registry().modules.set(name, namespace);
}

/** Required modules that were loaded here, by name; none if this process is not an engine. */
export function notedModules(): ReadonlyMap<string, object> {
  return registry().modules;
}

/** The registry of the process. Copies of fantail share it, because the view of a task is bundled separately. */
function registry(): Registry {
  return processWide<Registry>(REGISTRY, () => ({ annotations: new WeakMap(), modules: new Map() }));
}

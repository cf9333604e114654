import { processWide } from "./process-wide.ts";

/** What a function says of the engines that may run it, and what it brings along by name. */
export interface Guard {
  /** The function that does the work; may be guarded itself. */
  fn: (...args: never[]) => unknown;
  /** Names of modules that must load on the engine. */
  modules: readonly string[];
  /** Functions for the free names that hold them, or that they are called by. */
  functions: readonly ((...args: never[]) => unknown)[];
  /** Values by free name. */
  values: ReadonlyMap<string, unknown>;
  /** Asked on the engine before each task. */
  predicate?: { fn: (...args: never[]) => unknown; args: readonly unknown[] };
}

const REGISTRY = Symbol.for("fantail.guards");

/** A function that calls the guard's, and carries the guard when it is shipped. */
export function guarded<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  guard: Partial<Omit<Guard, "fn">>,
): (...args: A) => R;
export function guarded(fn: Guard["fn"], guard: Partial<Omit<Guard, "fn">>): Guard["fn"] {
  const callable = function (this: unknown, ...args: never[]): unknown {
    return Reflect.apply(fn, this, args);
  };
  Object.defineProperties(callable, { name: { value: fn.name }, length: { value: fn.length } });
  guards().set(callable, { modules: [], functions: [], values: new Map(), ...guard, fn });
  return callable;
}

/** The guard of a function; undefined for one without. */
export function guardOf(fn: unknown): Guard | undefined {
  return typeof fn === "function" ? guards().get(fn) : undefined;
}

/** The guards of a function, the outer first, and the function that they are about. */
export function guardsOf(outer: unknown): { guards: readonly Guard[]; fn: Guard["fn"] } | undefined {
  const guards: Guard[] = [];
  for (let guard = guardOf(outer); guard; guard = guardOf(guard.fn)) guards.push(guard);
  const innermost = guards.at(-1);
  return innermost && { guards, fn: innermost.fn };
}

/** The process's, so that what another copy of fantail (built, or from source) has guarded counts too. */
function guards(): WeakMap<object, Guard> {
  return processWide(REGISTRY, () => new WeakMap<object, Guard>());
}

import { processWide } from "./process-wide.ts";

/** Which engines may run a function, and the values and functions that are sent with it by name. */
export interface Guard {
  /** The guarded function; may itself have a guard. */
  fn: (...args: never[]) => unknown;
  /** Names of modules that must load on the engine. */
  modules: readonly string[];
  /**
   * Functions that `fn` uses as free variables. Each is matched by the name of the variable that holds it, or by the
   * function's own name.
   */
  functions: readonly ((...args: never[]) => unknown)[];
  /** Values that `fn` uses as free variables, by name. */
  values: ReadonlyMap<string, unknown>;
  /** Called on the engine before each task. */
  predicate?: { fn: (...args: never[]) => unknown; args: readonly unknown[] };
}

const REGISTRY = Symbol.for("fantail.guards");

/** Makes a function that calls `fn`. When the new function is sent, the guard is sent with it. */
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

/** The guard of a function; undefined if it has none. */
export function guardOf(fn: unknown): Guard | undefined {
  return typeof fn === "function" ? guards().get(fn) : undefined;
}

/** The guards of a function, outermost first, and the function inside them; undefined if it has none. */
export function guardsOf(outer: unknown): { guards: readonly Guard[]; fn: Guard["fn"] } | undefined {
  const guards: Guard[] = [];
  for (let guard = guardOf(outer); guard; guard = guardOf(guard.fn)) guards.push(guard);
  const innermost = guards.at(-1);
  return innermost && { guards, fn: innermost.fn };
}

/** The guards in this process, which copies of fantail share, so that guards made by another copy count. */
function guards(): WeakMap<object, Guard> {
  return processWide(REGISTRY, () => new WeakMap<object, Guard>());
}

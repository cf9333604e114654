import { types } from "node:util";
import { guarded } from "../../lambdas/authoring/guard.ts";
import { InvalidArgument } from "../../lambdas/protocol/invalid-argument.ts";
import { isModuleName } from "../../lambdas/protocol/module-name.ts";
import { isBuiltinModule } from "../shipping/packages/builtin-modules.ts";

import { isFunction } from "../submit/checked-function.ts";

type AnyFunction = (...args: never[]) => unknown;

/**
 * A requirement of a function: a module by its name, a function (bound under its own name), or an object of named
 * values.
 */
export type Requirement = string | AnyFunction | Readonly<Record<string, unknown>>;

/** Wraps a function. The wrapper is called like `fn`; when it is shipped, the declared requirements go with it. */
export type Decorator = <A extends readonly unknown[], R>(fn: (...args: A) => R) => (...args: A) => R;

/**
 * Declares the modules, functions and values that a function needs on its engine, and binds each to a name inside it.
 * `requires("node:zlib", helper, { limit: 5 })(fn)` is called like `fn`. When it is shipped, on its own or captured by
 * another function:
 *
 * - It runs only on engines where the modules load. Modules are not sent: they must be installed there. Inside `fn`
 * each is bound under the last part of its name in camel case (`node:fs/promises` is `promises`, `@scope/my-lib` is
 * `myLib`), to its default export, or to its namespace if it has none. Imports of the script from such a module refer
 * to the engine's copy.
 * - A function replaces the free variable of `fn` that holds it, or else the one with the function's own name.
 * - Values replace the free variables named by their keys.
 *
 * A local call checks and binds nothing. If nested `requires` disagree about a name, the outer one wins.
 *
 * @throws TypeError for anything but a module's name, a function or a plain object. A path to a file is not accepted
 * @example
 * declare const sharp: typeof import("sharp").default;
 * const resize = requires("sharp")((image: Uint8Array) => sharp(image).resize(100).toBuffer());
 */
export function requires(...requirements: readonly Requirement[]): Decorator {
  const modules: string[] = [];
  const functions: AnyFunction[] = [];
  const values = new Map<string, unknown>();
  for (const [at, requirement] of requirements.entries()) {
    if (typeof requirement === "string") modules.push(checkedName(requirement, at));
    else if (typeof requirement === "function") functions.push(requirement);
    else if (isPlainObject(requirement))
      for (const [name, value] of Object.entries(requirement)) values.set(checkedVariable(name), value);
    else
      throw new InvalidArgument(
        `requires: args[${at}] must be a module's name, a function, or a plain object such as { limit: 5 }`,
      );
  }
  return (fn) => guarded(checkedFunction(fn, "requires(…)"), { modules, functions, values });
}

/**
 * Calls `predicate(...args)` on the engine before each task of a function: if it returns or resolves to exactly
 * `false`, the task goes to another engine. If it throws, the task fails with that error. Called locally, the function
 * runs without the predicate.
 *
 * The predicate and its arguments are captured when the function is shipped. A chunk of a map calls the predicate once.
 *
 * @throws TypeError for anything but a function
 * @example
 * const onLinux = depend(() => process.platform === "linux");
 * await view.map(onLinux(compress), files);
 */
export function depend<P extends readonly unknown[]>(predicate: (...args: P) => unknown, ...args: P): Decorator {
  const asked: unknown = predicate;
  if (!isFunction(asked)) throw noFunction(predicate, "depend");
  return (fn) => guarded(checkedFunction(fn, "depend(…)"), { predicate: { fn: asked, args } });
}

/**
 * Same as `depend(predicate, ...args)(fn)`.
 *
 * @throws TypeError for anything but functions
 * @example
 * await view.apply(dependent(train, (mb: number) => freeMemoryMb() > mb, 2000), data);
 */
export function dependent<A extends readonly unknown[], R, P extends readonly unknown[]>(
  fn: (...args: A) => R,
  predicate: (...args: P) => unknown,
  ...args: P
): (...args: A) => R {
  checkedFunction(fn, "dependent");
  return depend(predicate, ...args)(fn);
}

function checkedName(name: string, at: number): string {
  if (isBuiltinModule(name) || (isModuleName(name) && !name.startsWith("node:"))) return name;
  throw new InvalidArgument(
    `requires: args[${at}] is ${JSON.stringify(name)}, not the name of an installed module such as "node:zlib" or "sharp"`,
  );
}

function checkedVariable(name: string): string {
  if (/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name)) return name;
  throw new InvalidArgument(`requires: ${JSON.stringify(name)} is not a valid variable name: rename the key`);
}

function checkedFunction<F>(fn: F, label: string): F {
  if (typeof fn === "function") return fn;
  throw noFunction(fn, label);
}

function noFunction(given: unknown, label: string): TypeError {
  return new InvalidArgument(`${label} takes a function, not ${given === null ? "null" : typeof given}`);
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Types of the arguments and results of `requires`, `depend` and `dependent`. */
export declare namespace requires {
  export type { Decorator, Requirement };
}

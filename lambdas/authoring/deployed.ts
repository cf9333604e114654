import { FantailError } from "../protocol/fantail-error.ts";
import { InvalidArgument } from "../protocol/invalid-argument.ts";
import { deployedHere, registerDeployed, registerDeployedModule } from "./deployed-names.ts";

type AnyFunction = (...args: never[]) => unknown;

/** The functions that a module exports. */
export type FunctionsOf<Module extends object> = {
  readonly [Name in keyof Module as Module[Name] extends AnyFunction ? Name : never]: Module[Name];
};

/** Properties that JavaScript reads from any object: `then` by `await`, `toJSON` by `JSON.stringify`. */
const NOT_FUNCTIONS: ReadonlySet<string> = new Set(["then", "toJSON"]);

const made = new Map<string, AnyFunction>();

/**
 * The functions that were bundled into the engines at deployment, from the module given as `functions`. Only their
 * names are sent. A cluster with `codeShipping: false` runs no others.
 *
 * Without a name, returns all of them; with a name, that function: `deployed<typeof resize>("resize")`. Pass the
 * function to a view, or use it inside a function that is sent; it throws when called outside an engine. A view throws
 * UnknownFunction for a name that was not deployed, and lists similar names. On a cluster that accepts no code,
 * `depend(predicate)(resize)` needs a deployed predicate.
 *
 * A client reads the names when it connects. After a new deployment, `await client.waitForEngines(1)` reads them again,
 * as do `scale`, `drain` and listening to `engine` or `queue`.
 *
 * Unlike a function that is sent, a deployed one shares its module and the module's state with all tasks in its
 * engine's thread.
 *
 * @throws TypeError if `name` is given but is empty or not a string
 * @example
 * const { resize } = deployed<typeof import("./functions.ts")>(); // only types are imported
 * await view.map(resize, images);
 */
export function deployed<Module extends object>(): FunctionsOf<Module>;
export function deployed<F extends AnyFunction>(name: string): F;
export function deployed(name?: string): unknown {
  return name === undefined ? all : byName(name);
}

function byName(name: string): AnyFunction {
  if (typeof name !== "string" || name === "")
    throw new InvalidArgument("deployed: the name must be a non-empty string");
  const known = made.get(name);
  if (known) return known;
  const fn = (...args: never[]) => ownFunction(name)(...args);
  Object.defineProperty(fn, "name", { value: name });
  registerDeployed(fn, name);
  made.set(name, fn);
  return fn;
}

/**
 * The engine's own function of that name.
 *
 * @throws FantailError outside an engine, or if the function was not sent with the task
 */
function ownFunction(name: string): AnyFunction {
  const here = deployedHere();
  if (here === undefined)
    throw new FantailError(
      `${name} is a deployed function and can only run on an engine: call it through a view, as in view.apply(${name}, …)`,
    );
  const own = here.loaded?.get(name);
  if (own === undefined)
    throw new FantailError(
      `${name} was not sent with this task: call deployed() outside the function that you send, as in const { ${name} } = deployed()`,
    );
  return own;
}

const all = new Proxy<object>(Object.create(null), {
  get: (_, key) => (typeof key === "string" && !NOT_FUNCTIONS.has(key) ? byName(key) : undefined),
  has: (_, key) => typeof key === "string" && !NOT_FUNCTIONS.has(key),
});
registerDeployedModule(all);

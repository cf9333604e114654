import { createRequire } from "node:module";
import { annotate, type Check } from "../../authoring/annotations.ts";
import { type Callable, isCallable } from "../../authoring/callable.ts";
import { mainExport } from "../../authoring/main-export.ts";
import { differentVersions } from "../../protocol/answer-fault.ts";
import { type RegisteredClass, recognizeClass } from "../../protocol/class-registry.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { invariant } from "../../protocol/invariant.ts";
import { notDeployed } from "./deployed-functions.ts";
import { noteOrigins } from "./home-frames.ts";
import { guardedBy } from "./task-checks.ts";

/** Modules of the engine, by the names that the unit uses. */
type Modules = ReadonlyMap<string, object>;
type Unit = (data: unknown, surroundings: Surroundings) => unknown;
/** Registered classes by name. */
export type ClassSet = ReadonlyMap<string, RegisteredClass>;

/** The objects that the engine provides to a unit. The unit passes them on to `start`. */
export interface Surroundings {
  /** fantail's exports on the engine, by name. */
  own: Readonly<Record<string, unknown>>;
  /** The modules that the function requires, already loaded. */
  modules: Modules;
  /** The deployed functions, if the unit uses any. */
  deployed?: ReadonlyMap<string, Callable> | undefined;
  /** The registered classes that were sent with the function. */
  classes?: ClassSet | undefined;
}

/** The functions that a unit calls, under the names that `client/shipping/unit/write-unit.ts` writes. */
interface Host {
  load(body: PackageBody): unknown;
  start(data: unknown, surroundings: Surroundings, packages: unknown[]): object;
}
type PackageBody = (
  module: { exports: unknown },
  exports: unknown,
  require: NodeJS.Require,
  filename: string,
  dirname: string,
  url: string,
) => void;

const require = createRequire(import.meta.url);
const units = new Map<string, Unit>();
/** Maximum number of evaluated units to keep. A dropped unit is evaluated again when needed. */
const KNOWN_UNITS = 500;

/**
 * Makes a sent function callable. Each call returns a new function with its own captured values and module state. The
 * unit and its packages are evaluated once per worker, as long as the unit is kept.
 *
 * @param source the code unit
 * @param hash the unit's hex SHA-256; its beginning names the unit in stacks
 * @param data the captured values from `decodeValue`. The function owns them from then on
 * @throws ClusterError for a unit of another version of fantail, otherwise whatever the unit's packages or class
 *   initializers throw
 */
export function loadFunction(source: string, hash: string, data: unknown, surroundings: Surroundings): Callable {
  const made = unitOf(source, hash)(data, surroundings);
  if (!isCallable(made)) throw otherVersion(hash, "does not evaluate to a function");
  return made;
}

/** Loads the classes that a client registered, from their unit. Their instances are recognized from then on. */
export function loadClasses(source: string, hash: string, data: unknown, surroundings: Surroundings): ClassSet {
  const list = listIn(unitOf(source, hash)(data, surroundings));
  if (!list.every(isClassParts)) throw otherVersion(hash, "does not evaluate to classes");
  return new Map(
    list.map(([name, made, serialize, deserialize]) => {
      const registered = { name, made, serialize, deserialize };
      recognizeClass(registered);
      return [name, registered];
    }),
  );
}

type ClassParts = [
  name: string,
  made: RegisteredClass["made"],
  serialize: RegisteredClass["serialize"],
  deserialize: RegisteredClass["deserialize"],
];

function isClassParts(value: unknown): value is ClassParts {
  return Array.isArray(value) && typeof value[0] === "string" && isCallable(value[1]);
}

function otherVersion(hash: string, fault: string): ClusterError {
  return new ClusterError(`the code ${hash} ${fault}; ${differentVersions("client and engine")}`);
}

/** Returns the evaluated unit. Evaluates it if this thread has not kept it. */
function unitOf(source: string, hash: string): Unit {
  let unit = units.get(hash);
  if (!unit) {
    const name = /^\/\/ ([\w$.]+)/.exec(source)?.[1] ?? "unit";
    const stackName = `fantail:${hash.slice(0, 8)}/${name}`;
    noteOrigins(stackName, source);
    // Indirect eval, so that the unit sees globals only. Unlike vm.Script it may import(), unlike Function its lines count from 1.
    // biome-ignore lint/security/noGlobalEval: running the user's code is what an engine is for
    const evaluated: unknown = globalThis.eval(`${source}\n//# sourceURL=${stackName}`);
    const made = isCallable(evaluated) ? evaluated(host) : undefined;
    if (!isCallable(made)) throw otherVersion(hash, "cannot be loaded");
    unit = made;
    if (units.size >= KNOWN_UNITS) units.clear();
    units.set(hash, unit);
  }
  return unit;
}

const host: Host = {
  load(body) {
    const module: { exports: unknown } = { exports: {} };
    body(module, module.exports, require, "/fantail/package.js", "/fantail", "file:///fantail/package.js");
    return module.exports;
  },
  start(data, { own, modules, deployed, classes }, packages) {
    const required = (name: string): object => {
      const module = modules.get(name);
      invariant(module, `module ${name} was not loaded with the function`);
      return module;
    };
    const [values = [], placeholders = [], locked = []] = listsIn(data);
    const symbols: symbol[] = [];
    return {
      /** Functions, classes and namespaces of the unit. */
      s: [],
      /** Setters through which functions get the names that are defined after them. */
      r: [],
      d: values,
      packages,
      inert,
      own(name: string) {
        if (!Object.hasOwn(own, name))
          throw new ClusterError(`this engine's version of fantail has no export ${name}: deploy the cluster again`);
        return own[name];
      },
      builtin: (module: string): unknown => require(module),
      /** `required` gives a required module's namespace, `main` the value that `import name from` would bind. */
      required,
      main: (name: string) => mainExport(required(name)),
      guarded: guardedBy,
      /** Annotates a function. The field keeps the name `stamp`, because code that was already sent uses it. */
      stamp: (fn: object, required: string[], checks: Check[]) => annotate(fn, { modules: required, checks }),
      class(name: string) {
        const registered = classes?.get(name);
        invariant(registered, `class ${name} was not sent with the function`);
        return registered.made;
      },
      deployed(name: string) {
        const fn = deployed?.get(name);
        if (fn === undefined) throw notDeployed(name);
        return fn;
      },
      namespace: (module: object) => Object.create(module, { default: { value: module, enumerable: true } }),
      symbol: (at: number, description?: string) => {
        symbols[at] ??= Symbol(description);
        return symbols[at];
      },
      accessor: (holder: object, key: string, kind: "get" | "set") =>
        Object.getOwnPropertyDescriptor(holder, key)?.[kind],
      define: Object.defineProperty,
      inherit: Object.setPrototypeOf,
      order,
      lock: (value: unknown, lock: keyof typeof LOCKS) => LOCKS[lock](value),
      // biome-ignore lint/complexity/noBannedTypes: what was bound may be any function
      bound: (target: Function, self: unknown, ...args: unknown[]): unknown =>
        Function.prototype.bind.call(target, self, ...args),
      restore(code: unknown[]) {
        putBack(values, new Map(placeholders.map((placeholder, at) => [placeholder, code[at]])));
        for (const [at, lock] of Object.values(LOCKS).entries()) for (const value of listIn(locked[at])) lock(value);
      },
    };
  },
};

/**
 * Brings the fields of an object into the order of `keys`: misplaced fields are removed and added again, missing ones
 * are added as undefined.
 */
function order(holder: object, keys: readonly string[]): void {
  const names = Object.getOwnPropertyNames(holder);
  const first = keys.findIndex((key, at) => key !== names[at]);
  for (const key of first === -1 ? [] : keys.slice(first)) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, key) ?? { value: undefined, configurable: true };
    if (Reflect.deleteProperty(holder, key)) Object.defineProperty(holder, key, descriptor);
  }
}

/** The keys are in the order in which the captured data lists the locked objects. */
const LOCKS: Record<"freeze" | "seal" | "preventExtensions", (value: unknown) => unknown> = {
  freeze: Object.freeze,
  seal: Object.seal,
  preventExtensions: Object.preventExtensions,
};

/** Replaces the counters of a coverage tool: every property is the object itself, and nothing is counted. */
const inert: unknown = new Proxy(() => undefined, {
  apply: () => inert,
  get: (_, key) => (key === Symbol.toPrimitive ? () => 0 : inert),
  set: () => true,
});

/** Replaces placeholders by functions, everywhere in the captured values. */
function putBack(root: object, code: Map<unknown, unknown>): void {
  const seen = new Set<unknown>();
  const resolve = (value: unknown): unknown => {
    if (code.has(value)) return code.get(value);
    if (isHolder(value) && !seen.has(value)) {
      seen.add(value);
      visit(value);
    }
    return value;
  };
  const visit = (container: Record<string, unknown>) => {
    if (container instanceof Map) {
      const entries = [...container];
      container.clear();
      for (const [key, value] of entries) container.set(resolve(key), resolve(value));
    } else if (container instanceof Set) {
      const items = [...container];
      container.clear();
      for (const item of items) container.add(resolve(item));
    } else if (!ArrayBuffer.isView(container)) {
      // `cause` and `errors` of an error are not enumerable.
      const keys = container instanceof Error ? Object.getOwnPropertyNames(container) : Object.keys(container);
      for (const key of keys) {
        container[key] = resolve(container[key]);
      }
    }
  };
  resolve(root);
}

function isHolder(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The lists among the captured values that the client wrote; none if nothing was captured. */
function listsIn(data: unknown): unknown[][] {
  return listIn(data).map(listIn);
}

function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

import { createHash } from "node:crypto";
import { CaptureError } from "../../lambdas/protocol/errors.ts";
import { InvalidArgument } from "../../lambdas/protocol/invalid-argument.ts";
import { isStackOverflow } from "../../lambdas/protocol/v8-limits.ts";
import { requireNode } from "../runtime/node-only.ts";
import { Capture } from "./capture/capture.ts";
import { Unbundlable } from "./packages/bundle.ts";
import type { ShipOptions } from "./ship-options.ts";
import type { Binding, Captured } from "./unit/binding.ts";
import { dataWithPlaceholders } from "./unit/placeholders.ts";
import { type UnitText, withBundles, writeUnit } from "./unit/write-unit.ts";

/** A function in the form in which it is sent. */
export interface Shipped {
  /** The function's name, for messages and stack traces; `anonymous` if it has none. */
  name: string;
  /** The code unit: JavaScript without the captured values, so that all closures of one source share it. */
  source: string;
  /** Hex SHA-256 of `source`. */
  hash: string;
  /** The captured values, for `encodeValue`; undefined if there are none. */
  data: unknown;
  /** Node's built-in modules that the function uses, such as `node:zlib`. */
  requires: readonly string[];
  /** Modules that must load on the engine, named by `requires(…)`. */
  modules: readonly string[];
  /** Names of the deployed functions that the function uses. */
  uses: readonly string[];
  /** `name@version` of the packages inside `source`. */
  packages: readonly string[];
}

/**
 * Serializes a function with everything it uses: other functions and classes, the current values of captured variables,
 * and npm packages.
 *
 * Synchronous: errors are thrown by the call itself, and captured values are those at the time of the call.
 *
 * @throws TypeError if `fn` is not a function
 * @throws CaptureError that names the variable that cannot be sent, and says what to do
 * @throws FantailError under Bun and Deno, which cannot list what a function captures
 */
export function shipFunction(fn: unknown, options: ShipOptions = {}): Shipped {
  return shipWithCaptures(fn, options).shipped;
}

/** Like `shipFunction`, but also returns the list of what was captured. */
export function shipWithCaptures(
  fn: unknown,
  options: ShipOptions,
): { shipped: Shipped; captured: readonly Captured[] } {
  if (typeof fn !== "function") {
    throw new InvalidArgument(
      `${fn === null ? "null" : typeof fn} is not a function: the first argument is the function to run on an engine`,
    );
  }
  requireNode("Sending a function", "call deployed functions by name (see deployed())");
  const name = nameOf(fn) || "anonymous";
  const { capture, root } = captured(fn, options);
  const shipped = {
    name,
    ...shippedUnit(name, capture, writeUnit(name, capture, root)),
    requires: [...capture.unit.builtins].sort(),
    modules: [...capture.modules.names].sort(),
    uses: [...capture.unit.deployed].sort(),
  };
  return { shipped, captured: capture.unit.captured };
}

/** A code unit in the form in which it is sent, and the values it captured. */
export type ShippedUnit = Pick<Shipped, "source" | "hash" | "packages" | "data">;

/**
 * Bundles the packages of a unit and hashes it.
 *
 * @throws CaptureError for a package that cannot be bundled
 */
export function shippedUnit(name: string, capture: Capture, text: UnitText): ShippedUnit {
  return { ...unitOf(text, capture, name), data: dataWithPlaceholders(capture.unit) };
}

/**
 * Captures a function. Tries it as the user's own function first. Checks only after a failure whether it is an export
 * of a package, because the check is slow and few functions are.
 */
function captured(fn: object, { capture: on = true, allowSecrets = [] }: ShipOptions) {
  const take = (
    fromPackage: boolean,
    modules: ReadonlySet<string> = new Set(),
    wholes: ReadonlySet<object> = new Set(),
  ): { capture: Capture; root: Binding } => {
    const capture = new Capture({ capture: on, allowSecrets }, modules, wholes);
    const root = capture.root(fn, nameOf(fn) || "fn", fromPackage);
    capture.settle();
    // Start again if a package was captured before it turned out to be required, or a part of an object before it
    // turned out to be used as a whole.
    const parts = capture.takenApart();
    if (parts.length > 0 || (capture.unit.packages.length > 0 && capture.modules.names.size > modules.size))
      return take(fromPackage, capture.modules.names, new Set([...wholes, ...parts]));
    return { capture, root };
  };
  try {
    return take(false);
  } catch (error) {
    if (isStackOverflow(error))
      throw new CaptureError(nameOf(fn), "captures data that is nested too deeply: flatten it", { cause: error });
    const found = error instanceof CaptureError && on ? take(true) : undefined;
    if (found && found.root.slot === undefined) return found;
    throw error;
  }
}

/** A class can have a static method called `name`, so `name` may be of any type. */
function nameOf(fn: object): string {
  const name: unknown = Reflect.get(fn, "name");
  return typeof name === "string" ? name : "";
}

interface Unit {
  source: string;
  hash: string;
  packages: readonly string[];
}

const units = new Map<string, Unit>();
/** Maximum total length of the cached texts, in characters. Beyond it the cache is emptied. */
const KEPT_CHARS = 32_000_000;
let keptChars = 0;

/** Returns the unit of a text. Cached, because bundling and hashing take longer than all other steps. */
function unitOf(text: UnitText, capture: Capture, name: string): Unit {
  const key = JSON.stringify(text.groups) + text.places + text.head + text.body;
  let unit = units.get(key);
  if (!unit) {
    try {
      const { source, packages } = withBundles(text);
      unit = { source, packages, hash: createHash("sha256").update(source).digest("hex") };
    } catch (error) {
      if (!(error instanceof Unbundlable)) throw error;
      const path = capture.unit.captured.find(({ kind }) => kind === "package")?.path ?? name;
      throw new CaptureError(
        path,
        `comes from a package that cannot be sent along: ${error.message}. Install it on the engines and name it with requires(…)`,
        { cause: error },
      );
    }
    keptChars += key.length + unit.source.length;
    if (keptChars > KEPT_CHARS) {
      units.clear();
      keptChars = key.length + unit.source.length;
    }
    units.set(key, unit);
  }
  return unit;
}

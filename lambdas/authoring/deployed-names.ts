import type { Callable } from "./callable.ts";
import { processWide } from "./process-wide.ts";

const REGISTRY = Symbol.for("fantail.deployedNames");
/** Stands in the registry for an object that gives access to all deployed functions. No function can have this name. */
const MODULE = "*";
const HERE = Symbol.for("fantail.deployedFunctions");

/** The functions deployed to an engine. */
export interface DeployedFunctions {
  /** All deployed functions by name; undefined until they are loaded, which happens when a task first needs one. */
  readonly loaded: ReadonlyMap<string, Callable> | undefined;
}

/** Registers a deployed function under its name. */
export function registerDeployed(fn: object, name: string): void {
  registry().set(fn, name);
}

/** The name of a deployed function; undefined for a function that is sent. */
export function deployedName(fn: unknown): string | undefined {
  return typeof fn === "function" ? registry().get(fn) : undefined;
}

/** Registers an object that gives access to all deployed functions by name. */
export function registerDeployedModule(all: object): void {
  registry().set(all, MODULE);
}

/** Whether the value is an object that gives access to all deployed functions. */
export function isDeployedModule(value: unknown): boolean {
  return typeof value === "object" && value !== null && registry().get(value) === MODULE;
}

/** Makes the engine's functions available to this thread, including copies of fantail that were bundled separately. */
export function bringDeployed(functions: DeployedFunctions): void {
  Object.defineProperty(process, HERE, { value: functions, configurable: true });
}

/** The functions of this engine; undefined if this process is not an engine. */
export function deployedHere(): DeployedFunctions | undefined {
  // Set by `bringDeployed`, perhaps in another copy of fantail.
  return Reflect.get(process, HERE);
}

/** The registry of the process, which copies of fantail share, so that names given by another copy count. */
function registry(): WeakMap<object, string> {
  return processWide(REGISTRY, () => new WeakMap<object, string>());
}

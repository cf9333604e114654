import type { Callable } from "./callable.ts";
import { processWide } from "./process-wide.ts";

const REGISTRY = Symbol.for("fantail.deployedNames");
/** In place of a name: no function is called so. */
const MODULE = "*";
const HERE = Symbol.for("fantail.deployedFunctions");

/** The functions that an engine has of its own. */
export interface DeployedFunctions {
  /** All of them by name, once a task needed one. */
  readonly loaded: ReadonlyMap<string, Callable> | undefined;
}

/** Makes it known that an engine has this function of its own, under this name. */
export function registerDeployed(fn: object, name: string): void {
  registry().set(fn, name);
}

/** The name under which engines have the function of their own; undefined for one that is sent. */
export function deployedName(fn: unknown): string | undefined {
  return typeof fn === "function" ? registry().get(fn) : undefined;
}

/** Makes it known that this object stands for all functions that engines have of their own. */
export function registerDeployedModule(all: object): void {
  registry().set(all, MODULE);
}

/** Claims that the object stands for all functions that engines have of their own. */
export function isDeployedModule(value: unknown): boolean {
  return typeof value === "object" && value !== null && registry().get(value) === MODULE;
}

/** Makes the engine's functions known to this thread, and to copies of fantail that were bundled apart. */
export function bringDeployed(functions: DeployedFunctions): void {
  Object.defineProperty(process, HERE, { value: functions, configurable: true });
}

/** The functions of this engine; undefined where this is none. */
export function deployedHere(): DeployedFunctions | undefined {
  // Put there by `bringDeployed`, perhaps of another copy of fantail.
  return Reflect.get(process, HERE);
}

/** The process's, so that what another copy of fantail (built, or from source) has named counts too. */
function registry(): WeakMap<object, string> {
  return processWide(REGISTRY, () => new WeakMap<object, string>());
}

import type { Runtime } from "node:inspector";
import type { FunctionLocation } from "./function-location.ts";
import { callOn, evaluate, locationIn, propertiesOf, release } from "./session.ts";

/** The current values of a function's free names. */
export interface ScopeReading {
  location: FunctionLocation | undefined;
  /** Values by name. Names that no scope holds are absent; the global scope is not searched. */
  values: Map<string, unknown>;
  /** Names whose `let`, `const` or `class` has not run yet (Node 22 and later; on Node 20 they read as undefined). */
  uninitialized: Set<string>;
}

/** Key of `process` under which the expression that V8 evaluates finds the function. */
const PARKED = Symbol.for("fantail.parked");
const GROUP = "fantail";

interface ScopeEntry {
  description: string;
  object: Record<string, unknown>;
}
interface Parking {
  value: unknown;
  scopes?: ArrayLike<ScopeEntry>;
}

/**
 * Reads variables from the scopes of a function by this process's own inspector. This opens no port, pauses nothing,
 * and returns the original values, not copies.
 *
 * @param names the variables to read
 */
export function readScopes(fn: unknown, names: readonly string[]): ScopeReading {
  const parking: Parking = { value: fn };
  // Pass the function to V8 through `process`, which is the same object in all contexts of a process, such as those of
  // vitest's vmThreads.
  Object.defineProperty(process, PARKED, { value: parking, configurable: true });
  try {
    const inner = internalProperties();
    const scopes = inner.find(({ name }) => name === "[[Scopes]]")?.value?.objectId;
    if (scopes !== undefined && names.length > 0) {
      callOn({
        objectId: scopes,
        functionDeclaration: `function () { process[Symbol.for("fantail.parked")].scopes = this; }`,
      });
    }
    return { location: locationIn(inner), ...pick(parking.scopes ?? [], names) };
  } finally {
    release(GROUP);
    Reflect.deleteProperty(process, PARKED);
  }
}

/** Finds the names in the scopes, innermost first, as the language resolves them. */
function pick(scopes: ArrayLike<ScopeEntry>, names: readonly string[]): Omit<ScopeReading, "location"> {
  const values = new Map<string, unknown>();
  const uninitialized = new Set<string>();
  const objects = Array.from(scopes, (scope) => (scope.description === "Global" ? undefined : scope.object));
  for (const name of names) {
    const holder = objects.find((object) => object !== undefined && Object.hasOwn(object, name));
    if (!holder) continue;
    try {
      values.set(name, holder[name]);
    } catch {
      uninitialized.add(name);
    }
  }
  return { values, uninitialized };
}

function internalProperties(): readonly Runtime.InternalPropertyDescriptor[] {
  const parked = evaluate({ expression: `process[Symbol.for("fantail.parked")].value`, objectGroup: GROUP });
  const objectId = parked?.result.objectId;
  if (objectId === undefined) return [];
  return propertiesOf({ objectId, ownProperties: true, accessorPropertiesOnly: false }).internalProperties ?? [];
}

import type { Runtime } from "node:inspector";
import { callOn, evaluate, type FunctionPlace, placeIn, propertiesOf, release } from "./session.ts";

/** What the free names of a function hold at this moment. */
export interface ScopeReading {
  place: FunctionPlace | undefined;
  /** The values by name; a name that no scope holds is absent. The global scope is not looked at. */
  values: Map<string, unknown>;
  /** Names whose `let`, `const` or `class` was not reached yet (Node 22 and later; Node 20 shows undefined). */
  uninitialised: Set<string>;
}

/** The value that names the parked function, for the expression that V8 evaluates. */
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
 * Reads the named variables from the scopes of a function, by this process's own inspector: no port is
 * opened, nothing is paused, and the values are the real ones.
 *
 * @param names only these are looked at
 */
export function readScopes(fn: unknown, names: readonly string[]): ScopeReading {
  const parking: Parking = { value: fn };
  // On `process`, as that is one object in all of a process's contexts (vitest's vmThreads).
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
    return { place: placeIn(inner), ...pick(parking.scopes ?? [], names) };
  } finally {
    release(GROUP);
    Reflect.deleteProperty(process, PARKED);
  }
}

/** Innermost scope first, as names are resolved. */
function pick(scopes: ArrayLike<ScopeEntry>, names: readonly string[]): Omit<ScopeReading, "place"> {
  const values = new Map<string, unknown>();
  const uninitialised = new Set<string>();
  const objects = Array.from(scopes, (scope) => (scope.description === "Global" ? undefined : scope.object));
  for (const name of names) {
    const holder = objects.find((object) => object !== undefined && Object.hasOwn(object, name));
    if (!holder) continue;
    try {
      values.set(name, holder[name]);
    } catch {
      uninitialised.add(name);
    }
  }
  return { values, uninitialised };
}

function internalProperties(): readonly Runtime.InternalPropertyDescriptor[] {
  const parked = evaluate({ expression: `process[Symbol.for("fantail.parked")].value`, objectGroup: GROUP });
  const objectId = parked?.result.objectId;
  if (objectId === undefined) return [];
  return propertiesOf({ objectId, ownProperties: true, accessorPropertiesOnly: false }).internalProperties ?? [];
}

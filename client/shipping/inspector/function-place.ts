import type { FunctionPlace } from "./place.ts";
import { canReadScopes, evaluate, placeIn, propertiesOf, release } from "./session.ts";

const places = new WeakMap<object, FunctionPlace | "nowhere">();
const PARKED = Symbol.for("fantail.parkedFunctions");
const GROUP = "fantail-places";

/**
 * Returns a function's place according to V8; undefined for native functions or without an inspector. Cached, because a
 * place never changes.
 */
export function placeOf(fn: object): FunctionPlace | undefined {
  if (!places.has(fn)) learnPlaces([fn]);
  const place = places.get(fn);
  return place === "nowhere" ? undefined : place;
}

/** Fetches the places of several functions in one request to V8, which is faster than asking one by one. */
export function learnPlaces(functions: readonly object[]): void {
  const unknown = functions.filter((fn) => !places.has(fn));
  if (unknown.length === 0 || !canReadScopes()) return;
  // Pass the functions to V8 through `process`, which is the same object in all contexts of a process.
  Object.defineProperty(process, PARKED, { value: unknown, configurable: true });
  try {
    const list = evaluate({ expression: `process[Symbol.for("fantail.parkedFunctions")]`, objectGroup: GROUP });
    const held = list?.result.objectId === undefined ? [] : propertiesAt(list.result.objectId).result;
    for (const [at, fn] of unknown.entries()) {
      const id = held?.find(({ name }) => name === String(at))?.value?.objectId;
      const inner = id === undefined ? [] : propertiesAt(id).internalProperties;
      places.set(fn, placeIn(inner ?? []) ?? "nowhere");
    }
  } finally {
    release(GROUP);
    Reflect.deleteProperty(process, PARKED);
  }
}

function propertiesAt(objectId: string): ReturnType<typeof propertiesOf> {
  return propertiesOf({ objectId, ownProperties: true });
}

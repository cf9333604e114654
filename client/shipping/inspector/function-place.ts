import { canReadScopes, evaluate, type FunctionPlace, placeIn, propertiesOf, release } from "./session.ts";

const places = new WeakMap<object, FunctionPlace | "nowhere">();
const PARKED = Symbol.for("fantail.parkedFunctions");
const GROUP = "fantail-places";

/** Where V8 says that a function stands, which never changes; undefined for native ones, and where there is no inspector. */
export function placeOf(fn: object): FunctionPlace | undefined {
  if (!places.has(fn)) learnPlaces([fn]);
  const place = places.get(fn);
  return place === "nowhere" ? undefined : place;
}

/** Asks V8 for the places of several functions, which takes it less time than one by one. */
export function learnPlaces(functions: readonly object[]): void {
  const unknown = functions.filter((fn) => !places.has(fn));
  if (unknown.length === 0 || !canReadScopes()) return;
  // On `process`, as that is one object in all of a process's contexts.
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

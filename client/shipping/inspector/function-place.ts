import { canReadScopes, type FunctionPlace, post } from "./scope-reader.ts";

interface Property {
  name: string;
  value?: { objectId?: string; value?: unknown };
}

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
    const { result } = post("Runtime.evaluate", {
      expression: `process[Symbol.for("fantail.parkedFunctions")]`,
      objectGroup: GROUP,
    }) as { result: { objectId: string } };
    const held = properties(result.objectId, { ownProperties: true }).result;
    for (const [at, fn] of unknown.entries()) {
      const id = held.find(({ name }) => name === String(at))?.value?.objectId;
      const inner = id === undefined ? [] : properties(id, { ownProperties: true }).internalProperties;
      places.set(fn, placeIn(inner ?? []));
    }
  } finally {
    post("Runtime.releaseObjectGroup", { objectGroup: GROUP });
    Reflect.deleteProperty(process, PARKED);
  }
}

function placeIn(inner: readonly Property[]): FunctionPlace | "nowhere" {
  const found = inner.find(({ name }) => name === "[[FunctionLocation]]")?.value?.value;
  if (typeof found !== "object" || found === null) return "nowhere";
  const { scriptId, lineNumber, columnNumber } = found as {
    scriptId: string;
    lineNumber: number;
    columnNumber: number;
  };
  return { scriptId, line: lineNumber, column: columnNumber };
}

function properties(objectId: string, options: object): { result: Property[]; internalProperties?: Property[] } {
  return post("Runtime.getProperties", { objectId, ...options }) as {
    result: Property[];
    internalProperties?: Property[];
  };
}

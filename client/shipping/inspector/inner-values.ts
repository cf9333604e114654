import { canReadScopes, post } from "./scope-reader.ts";

interface RemoteObject {
  objectId?: string;
  value?: unknown;
  unserializableValue?: string;
}
interface InnerProperty {
  name: string;
  value?: RemoteObject;
}

const PARKED = Symbol.for("fantail.parkedInner");
const GROUP = "fantail-inner";
const PICK = `function (...values) { process[Symbol.for("fantail.parkedInner")].picked = values; }`;

/**
 * What an object holds besides its properties, by the name that V8 has for it: `[[BoundThis]]`, `[[Entries]]`, `#field`. The
 * values are the real ones. Empty where this runtime has no inspector.
 */
export function innerValues(value: object): ReadonlyMap<string, unknown> {
  if (!canReadScopes()) return new Map();
  const parking: { value: object; picked: unknown[] } = { value, picked: [] };
  // On `process`, as that is one object in all of a process's contexts.
  Object.defineProperty(process, PARKED, { value: parking, configurable: true });
  try {
    const { result } = post("Runtime.evaluate", {
      expression: `process[Symbol.for("fantail.parkedInner")].value`,
      objectGroup: GROUP,
    }) as { result: RemoteObject };
    const { objectId } = result;
    const found = post("Runtime.getProperties", {
      objectId,
      ownProperties: true,
      nonIndexedPropertiesOnly: true,
    }) as { internalProperties?: InnerProperty[]; privateProperties?: InnerProperty[] };
    const inner = [...(found.internalProperties ?? []), ...(found.privateProperties ?? [])].filter((one) => one.value);
    if (inner.length === 0) return new Map();
    const values = inner.map(({ value: { objectId: id, unserializableValue, value: plain } = {} }) => {
      if (id !== undefined) return { objectId: id };
      return unserializableValue === undefined ? { value: plain } : { unserializableValue };
    });
    post("Runtime.callFunctionOn", { objectId, functionDeclaration: PICK, arguments: values });
    return new Map(inner.map(({ name }, at) => [name, parking.picked[at]]));
  } finally {
    post("Runtime.releaseObjectGroup", { objectGroup: GROUP });
    Reflect.deleteProperty(process, PARKED);
  }
}

/** Whether an object has `#private` fields, which nothing outside its class can give to another. */
export function hasPrivateFields(value: object): boolean {
  return [...innerValues(value).keys()].some((name) => name.startsWith("#"));
}

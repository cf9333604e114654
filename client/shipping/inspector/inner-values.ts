import type { Runtime } from "node:inspector";
import { callOn, canReadScopes, evaluate, propertiesOf, release } from "./session.ts";

const PARKED = Symbol.for("fantail.parkedInner");
const GROUP = "fantail-inner";
const PICK = `function (...values) { process[Symbol.for("fantail.parkedInner")].picked = values; }`;

/**
 * Returns an object's internal slots and private fields by V8's names: `[[BoundThis]]`, `[[Entries]]`, `#field`. The
 * values are the originals, not copies. Empty without an inspector.
 */
export function innerValues(value: object): ReadonlyMap<string, unknown> {
  if (!canReadScopes()) return new Map();
  const parking: { value: object; picked: unknown[] } = { value, picked: [] };
  // Pass the value to V8 through `process`, which is the same object in all contexts of a process.
  Object.defineProperty(process, PARKED, { value: parking, configurable: true });
  try {
    const parked = evaluate({
      expression: `process[Symbol.for("fantail.parkedInner")].value`,
      objectGroup: GROUP,
    });
    const objectId = parked?.result.objectId;
    if (objectId === undefined) return new Map();
    const { internalProperties = [], privateProperties = [] } = propertiesOf({
      objectId,
      ownProperties: true,
      nonIndexedPropertiesOnly: true,
    });
    const inner = [...internalProperties, ...privateProperties].filter((one) => one.value);
    if (inner.length === 0) return new Map();
    const values = inner.map(({ value }): Runtime.CallArgument => {
      if (value?.objectId !== undefined) return { objectId: value.objectId };
      const { unserializableValue } = value ?? {};
      return unserializableValue === undefined ? { value: value?.value } : { unserializableValue };
    });
    callOn({ objectId, functionDeclaration: PICK, arguments: values });
    return new Map(inner.map(({ name }, at) => [name, parking.picked[at]]));
  } finally {
    release(GROUP);
    Reflect.deleteProperty(process, PARKED);
  }
}

/** Whether an object has `#private` fields, which cannot be set from outside its class. */
export function hasPrivateFields(value: object): boolean {
  return [...innerValues(value).keys()].some((name) => name.startsWith("#"));
}

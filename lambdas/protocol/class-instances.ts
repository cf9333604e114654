import { type ClassLookup, classNamed, classOf, type RegisteredClass } from "./class-registry.ts";
import { CodecError } from "./errors.ts";
import { accessorOf, described, isOddField, readFields, writeFields } from "./own-fields.ts";
import { partsOf } from "./written-parts.ts";

/**
 * The key under which an encoded instance holds the name of its class. The instance's fields keep their own keys, so
 * that paths in messages match the user's object.
 */
const CLASS = "\0class";
/**
 * Keys of two parts that an encoded instance has only if some of its fields cannot keep their keys: the list of its
 * non-enumerable fields, and the fields.
 */
const HIDDEN = "\0hidden";
const FIELDS = "\0fields";
/** Key of the value that `serialize` returned. */
const DATA = "";

/**
 * Makes a reducer for one encoding. The reducer turns an instance of a registered class into a plain object, and
 * returns `undefined` for anything else. It calls `serialize` once per instance.
 */
export function instanceReducer(): (value: unknown) => Record<string, unknown> | undefined {
  const serialized = new Map<object, Record<string, unknown>>();
  return (value) => {
    if (typeof value !== "object" || value === null) return undefined;
    const known = serialized.get(value);
    if (known) return known;
    const registered = classOf(value);
    if (!registered) return undefined;
    if (!registered.serialize) return fieldsOf(value, registered.name);
    const reduced = { [CLASS]: registered.name, [DATA]: registered.serialize(value) };
    serialized.set(value, reduced);
    return reduced;
  };
}

/**
 * The instance's own fields; `undefined` if one is a getter or setter. Fields that are not enumerable, or have one of
 * the codec's names, go into a separate part.
 */
function fieldsOf(value: object, name: string): Record<string, unknown> | undefined {
  if (accessorOf(value) !== undefined) return undefined;
  const odd = Object.getOwnPropertyNames(value).filter((key) => isOddField(value, key));
  if (odd.length === 0) return { [CLASS]: name, ...value };
  const { fields, hidden } = writeFields(described(value, Object.getOwnPropertyNames(value)));
  return { [CLASS]: name, [HIDDEN]: hidden, [FIELDS]: fields };
}

/**
 * Makes a reviver for one decoding. The same plain object always gives the same instance, so that an instance may
 * contain itself.
 *
 * @throws CodecError for a class that is not registered here, for a cycle through one with `deserialize`, and for a
 *   `deserialize` that does not return an object
 */
export function reviveInstances(classes: ClassLookup = classNamed): (value: unknown) => object {
  const made = new Map<unknown, Record<string, unknown>>();
  return (value) => {
    const fields = partsOf(value);
    const name = String(fields[CLASS]);
    const registered = classes(name);
    if (!registered)
      throw new CodecError("value", `holds an instance of class ${name}, which is not registered here: ${REMEDY}`);
    if (registered.deserialize) return deserialized(registered, fields);
    const { prototype } = registered.made;
    const instance: Record<string, unknown> = made.get(value) ?? Object.create(prototype);
    made.set(value, instance);
    for (const key of Object.keys(fields)) {
      if (key === CLASS || key === HIDDEN || key === FIELDS) continue;
      if (!(key in prototype)) instance[key] = fields[key];
      // Define the field instead of assigning it, because the class may have a setter of that name. Other fields are
      // assigned, which is faster.
      else Object.defineProperty(instance, key, { value: fields[key], ...PLAIN });
    }
    readFields(instance, fields[FIELDS], fields[HIDDEN]);
    return instance;
  };
}

const PLAIN = { writable: true, enumerable: true, configurable: true };
const REMEDY = "call registerClass with it, in this process and, for deployed functions, in their module";

function deserialized({ name, deserialize }: RegisteredClass, fields: Readonly<Record<string, unknown>>): object {
  if (!Object.hasOwn(fields, DATA))
    throw new CodecError(
      "value",
      `contains a circular reference through an instance of ${name}, which serialize and deserialize do not support: break the cycle`,
    );
  const instance: unknown = deserialize?.(fields[DATA]);
  if (typeof instance === "object" && instance !== null) return instance;
  const given = instance === null ? "null" : typeof instance;
  throw new CodecError(
    "value",
    `holds an instance of ${name}, whose deserialize returned ${given}: it must return the instance`,
  );
}

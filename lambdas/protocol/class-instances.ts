import { type ClassLookup, classNamed, classOf, type RegisteredClass } from "./class-registry.ts";
import { CodecError } from "./errors.ts";

/** The field that holds the class's name; the others keep theirs, so that paths in messages are the user's own. */
const CLASS = "\0class";
/** The field that holds what `serialize` gave. */
const DATA = "";

/** An instance of a registered class as a plain object; undefined for anything else. */
export function reduceInstance(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const registered = classOf(value);
  if (!registered) return undefined;
  if (registered.serialize) return { [CLASS]: registered.name, [DATA]: registered.serialize(value) };
  return { [CLASS]: registered.name, ...value };
}

/**
 * A reviver for one decoding: the same plain object gives the same instance, also when it is met again while it is being filled,
 * as for an instance that holds itself.
 *
 * @throws CodecError for a class that is not registered here, for a cycle through one with
 *   `deserialize`, and for a `deserialize` that gives no object
 */
export function reviveInstances(classes: ClassLookup = classNamed): (value: unknown) => object {
  const made = new Map<unknown, object>();
  return (value) => {
    const fields = value as Record<string, unknown>;
    const name = String(fields[CLASS]);
    const registered = classes(name);
    if (!registered)
      throw new CodecError("value", `holds an instance of class ${name}, which is not registered here: ${REMEDY}`);
    if (registered.deserialize) return deserialized(registered, fields);
    const { prototype } = registered.made;
    const instance = (made.get(value) ?? Object.create(prototype)) as Record<string, unknown>;
    made.set(value, instance);
    for (const key of Object.keys(fields)) {
      if (key === CLASS) continue;
      if (!(key in prototype)) instance[key] = fields[key];
      // Not assigned, as the class may have a setter of that name; not for all, as it takes longer.
      else Object.defineProperty(instance, key, { value: fields[key], ...PLAIN });
    }
    return instance;
  };
}

const PLAIN = { writable: true, enumerable: true, configurable: true };
const REMEDY = "call registerClass with it, in this process and, for deployed functions, in their module";

function deserialized({ name, deserialize }: RegisteredClass, fields: Record<string, unknown>): object {
  if (!Object.hasOwn(fields, DATA))
    throw new CodecError(
      "value",
      `holds an instance of ${name} within itself, and deserialize cannot be given half of it`,
    );
  const instance: unknown = deserialize?.(fields[DATA]);
  if (typeof instance === "object" && instance !== null) return instance;
  const given = instance === null ? "null" : typeof instance;
  throw new CodecError(
    "value",
    `holds an instance of ${name}, whose deserialize gave ${given}: it has to return the instance`,
  );
}

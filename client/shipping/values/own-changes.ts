/**
 * A property that differs from the one that the object's text creates. Without a `descriptor`, the property was
 * deleted.
 */
export interface OwnChange {
  key: PropertyKey;
  descriptor?: PropertyDescriptor;
}

/** How an object is locked against changes. */
export type Lock = "freeze" | "seal" | "preventExtensions";

/** The properties that the text gives an object. Each half of an accessor counts separately. */
export interface Made {
  /** The keys that the text creates. */
  keys: ReadonlySet<PropertyKey>;
  /** Whether the text gives a part of the property this value. */
  isMade(key: PropertyKey, part: "value" | "get" | "set", value: unknown): boolean;
  /** Returns the property's flags as the text sets them. */
  flags(key: PropertyKey): { enumerable: boolean; writable: boolean; configurable: boolean };
}

/**
 * Returns the changes that turn an object as its text creates it into the current object. Descriptors omit the parts
 * that are already right: `Object.defineProperty` keeps them.
 */
export function ownChanges(holder: object, made: Made): OwnChange[] {
  const changes: OwnChange[] = [];
  for (const key of Reflect.ownKeys(holder)) {
    const now = Object.getOwnPropertyDescriptor(holder, key);
    if (!now) continue;
    const descriptor = made.keys.has(key) ? changed(key, now, made) : now;
    if (descriptor) changes.push({ key, descriptor });
  }
  for (const key of made.keys) if (!Object.hasOwn(holder, key)) changes.push({ key });
  return changes;
}

function changed(key: PropertyKey, now: PropertyDescriptor, made: Made): PropertyDescriptor | undefined {
  const parts = (["value", "get", "set"] as const).filter((part) => part in now && !made.isMade(key, part, now[part]));
  const { enumerable, writable, configurable } = made.flags(key);
  const flags = now.enumerable !== enumerable || now.configurable !== configurable;
  if (parts.length === 0 && !flags && ("get" in now || now.writable === writable)) return undefined;
  const descriptor: PropertyDescriptor = {
    enumerable: now.enumerable === true,
    configurable: now.configurable === true,
  };
  if ("value" in now) descriptor.writable = now.writable === true;
  for (const part of parts) descriptor[part] = now[part];
  return descriptor;
}

/** Returns how the object is locked; undefined if it is extensible, as nearly all objects are. */
export function lockOf(value: object): Lock | undefined {
  if (Object.isExtensible(value)) return undefined;
  if (Object.isFrozen(value)) return "freeze";
  return Object.isSealed(value) ? "seal" : "preventExtensions";
}

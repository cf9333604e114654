/** A property that an object has otherwise than its text makes it; without `descriptor` it has lost it. */
export interface OwnChange {
  key: PropertyKey;
  descriptor?: PropertyDescriptor;
}

/** How far an object is closed to changes. */
export type Lock = "freeze" | "seal" | "preventExtensions";

/** What the text makes of an object, by property; of an accessor each half by itself. */
export interface Made {
  /** Keys that the text gives it. */
  keys: ReadonlySet<PropertyKey>;
  /** Whether the part of the property is what the text gives. */
  isMade(key: PropertyKey, part: "value" | "get" | "set", value: unknown): boolean;
  /** What the property's flags are by the text. */
  flags(key: PropertyKey): { enumerable: boolean; writable: boolean; configurable: boolean };
}

/**
 * What has to be done to an object made by its text to make it what it is now. Parts that are right already are left
 * out of the descriptors, as `Object.defineProperty` keeps them.
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

/** How far the object is closed; undefined for an open one, which nearly all are. */
export function lockOf(value: object): Lock | undefined {
  if (Object.isExtensible(value)) return undefined;
  if (Object.isFrozen(value)) return "freeze";
  return Object.isSealed(value) ? "seal" : "preventExtensions";
}

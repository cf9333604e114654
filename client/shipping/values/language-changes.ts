/** A member of a built-in object that was added or replaced. */
export interface LanguageChange {
  /** The member's expression, such as `Array.prototype.last`. */
  expression: string;
  /** The current value. */
  value: unknown;
}

/** The built-in classes on whose prototypes members are looked up. */
const CLASSES =
  "Array ArrayBuffer BigInt Boolean DataView Date Error Function Map Number Object Promise RegExp Set String Symbol WeakMap WeakSet".split(
    " ",
  );

let prototypes: [expression: string, prototype: object][] | undefined;

function allPrototypes(): [expression: string, prototype: object][] {
  prototypes ??= CLASSES.flatMap((name): [string, object][] => {
    const made: unknown = Reflect.get(globalThis, name);
    const prototype: unknown = typeof made === "function" ? made.prototype : undefined;
    const isThere = typeof prototype === "function" || (typeof prototype === "object" && prototype !== null);
    return isThere ? [[`${name}.prototype`, prototype]] : [];
  });
  return prototypes;
}

/** Yields members by these names that were added to built-in prototypes, or replaced there. */
export function* changesOfPrototypes(names: readonly string[]): Generator<LanguageChange> {
  for (const name of names)
    for (const [expression, prototype] of allPrototypes())
      if (Object.hasOwn(prototype, name)) yield* changesOf(prototype, name, expression);
}

/**
 * Yields members of a built-in object that were added or replaced.
 *
 * @param names the members to check; undefined: all
 */
export function* changesOfObject(
  holder: object,
  expression: string,
  names: Iterable<string> | undefined,
): Generator<LanguageChange> {
  for (const name of names ?? Object.getOwnPropertyNames(holder)) yield* changesOf(holder, name, expression);
}

function* changesOf(holder: object, name: string, expression: string): Generator<LanguageChange> {
  // Skip `Error`: V8 lets programs set its members.
  if (expression === "Error") return;
  const { value, get, set, enumerable } = Object.getOwnPropertyDescriptor(holder, name) ?? {};
  const parts: unknown[] = [value, get, set];
  for (const part of parts)
    if (typeof part === "function" ? !isNative(part) : enumerable === true && part !== undefined)
      yield { expression: `${expression}.${name}`, value: part };
}

const natives = new WeakSet<object>();

/** Whether the function is native code, but not made by `bind`. */
export function isNative(fn: object): boolean {
  if (natives.has(fn)) return true;
  const text = Function.prototype.toString.call(fn);
  const isOwn = text.endsWith("{ [native code] }") && !/^function bound /.test(text) && !isBound(fn);
  if (isOwn) natives.add(fn);
  return isOwn;
}

/** Whether the function was made by `bind`, judging by its name. */
export function isBound(fn: object): boolean {
  const { value } = Object.getOwnPropertyDescriptor(fn, "name") ?? {};
  return typeof value === "string" && value.startsWith("bound ");
}

import { types } from "node:util";
import { learnLocations } from "../inspector/locate-function.ts";
import type { ClassMember } from "../source/class-members.ts";
import type { FunctionSource } from "../source/function-source.ts";
import type { Made } from "../values/own-changes.ts";
import { isMember } from "./is-member.ts";

/** A function's source, and facts that the source does not show. */
export interface MadeBy {
  source: FunctionSource;
  /** Start offsets of static fields that the text itself recreates on the engine. */
  kept: ReadonlySet<number>;
  /** The values of computed keys of methods. */
  keys: ReadonlyMap<ClassMember, PropertyKey>;
}

/**
 * Finds the values of computed method keys by searching the class for the methods. No value is found for a method that
 * was removed.
 */
export function computedKeys(fn: object, source: FunctionSource): Map<ClassMember, PropertyKey> {
  const found = new Map<ClassMember, PropertyKey>();
  const members = source.members.filter((member) => member.key === undefined && isMethod(member));
  if (members.length === 0) return found;
  const whole = { made: fn, text: source.text, anchor: source.anchor };
  for (const [holder, isStatic] of [[fn, true] as const, [prototypeOf(fn, source) ?? {}, false] as const])
    for (const key of Reflect.ownKeys(holder)) {
      const { value, get, set } = Object.getOwnPropertyDescriptor(holder, key) ?? {};
      for (const member of members) {
        const held = member.kind === "get" ? get : member.kind === "set" ? set : value;
        if (member.isStatic === isStatic && !found.has(member) && isMemberValue(held, member, whole))
          found.set(member, key);
      }
    }
  return found;
}

/** Describes the own properties that the text gives a function or class. */
export function madeFunction(fn: object, { source, kept, keys: computed }: MadeBy): Made {
  const statics = membersByKey(
    source.members.filter((member) => isOwnKey(member, true)),
    computed,
  );
  const keys = new Set<PropertyKey>([...statics.keys(), "length"]);
  if (source.ownName !== undefined || !source.anonymous || Object.hasOwn(fn, "name")) keys.add("name");
  if (hasPrototype(source)) keys.add("prototype");
  // Only sloppy functions have `caller` and `arguments` as own properties.
  for (const key of ["caller", "arguments"])
    if (Object.getOwnPropertyDescriptor(fn, key)?.value === null) keys.add(key);
  const whole = { made: fn, text: source.text, anchor: source.anchor };
  return {
    keys,
    isMade(key, part, value) {
      const members = statics.get(key);
      const [field] = members ?? [];
      // Static fields that are not in `kept` are undefined after the text has run.
      if (field?.kind === "field" && !kept.has(field.start)) return part === "value" && value === undefined;
      if (members) return members.some((member) => isPart(member, part) && isMemberValue(value, member, whole));
      if (key === "length") return value === source.parameters;
      // An anonymous function is created with its current name.
      if (key === "name") return value === (source.anonymous ? givenName(fn) : source.ownName);
      return true;
    },
    flags(key) {
      const field = statics.get(key)?.some(({ kind }) => kind === "field") === true;
      const method = statics.has(key) && !field;
      if (method || field) return { enumerable: field, writable: true, configurable: true };
      if (key === "length" || key === "name") return { enumerable: false, writable: false, configurable: true };
      const { writable = false } =
        key === "prototype" ? { writable: !source.isClass } : (Object.getOwnPropertyDescriptor(fn, key) ?? {});
      return { enumerable: false, writable, configurable: false };
    },
  };
}

/** Returns the function's `name`; empty if it is not a string. */
export function givenName(fn: object): string {
  const name: unknown = Reflect.get(fn, "name");
  return typeof name === "string" ? name : "";
}

const METHOD = { enumerable: false, writable: true, configurable: true };

/** Describes the own properties that the text gives the function's `prototype`. */
export function madePrototype(fn: object, { source, keys: computed }: MadeBy): Made {
  const members = membersByKey(
    source.members.filter((member) => isOwnKey(member, false)),
    computed,
  );
  const whole = { made: fn, text: source.text, anchor: source.anchor };
  const keys = new Set<PropertyKey>(members.keys());
  if (!source.generator) keys.add("constructor");
  return {
    keys,
    isMade(key, part, value) {
      const known = members.get(key);
      if (!known) return key === "constructor" && value === fn;
      return known.some((member) => isPart(member, part) && isMemberValue(value, member, whole));
    },
    flags: () => METHOD,
  };
}

/** Yields the methods that the text gives a holder, with their keys. */
export function* madeMethods(holder: object, made: Made): Generator<[method: object, key: string]> {
  for (const key of Reflect.ownKeys(holder)) {
    const { value } = Object.getOwnPropertyDescriptor(holder, key) ?? {};
    if (typeof value !== "function" || typeof key !== "string" || key === "constructor" || !made.keys.has(key))
      continue;
    if (made.isMade(key, "value", value)) yield [value, key];
  }
}

/** Fetches the places of all functions of a class with one request to V8. */
function learnMembers(made: object, source: FunctionSource): void {
  if (!source.isClass) return;
  const held = [made, prototypeOf(made, source) ?? {}].flatMap((holder) =>
    Object.values(Object.getOwnPropertyDescriptors(holder)).flatMap(({ value, get, set }): unknown[] => [
      value,
      get,
      set,
    ]),
  );
  learnLocations([made, ...held.filter((one) => typeof one === "function").filter((one) => !types.isProxy(one))]);
}

/**
 * Finds static fields that still hold the function written in the class. The class's text recreates such a function.
 */
export function keptStatics(fn: object, source: FunctionSource): Set<number> {
  learnMembers(fn, source);
  const whole = { made: fn, text: source.text, anchor: source.anchor };
  const kept = source.members.filter((member) => {
    if (member.kind !== "field" || !member.isStatic || member.isPrivate || member.key === undefined) return false;
    if (!member.value?.isFunction) return false;
    const { value } = Object.getOwnPropertyDescriptor(fn, member.key) ?? {};
    return isMemberValue(value, member, whole);
  });
  return new Set(kept.map(({ start }) => start));
}

/** Whether functions of this kind have a `prototype`. */
function hasPrototype({ isClass, generator, form, isArrow, async }: FunctionSource): boolean {
  return isClass || generator || (form === "expression" && !isArrow && !async);
}

/**
 * Returns the current `prototype` of a function that the language gives one; undefined also if it is no longer an
 * object.
 */
export function prototypeOf(fn: object, source: FunctionSource): object | undefined {
  if (!hasPrototype(source)) return undefined;
  const prototype: unknown = Object.getOwnPropertyDescriptor(fn, "prototype")?.value;
  return typeof prototype === "object" && prototype !== null ? prototype : undefined;
}

function membersByKey(
  members: readonly ClassMember[],
  computed: ReadonlyMap<ClassMember, PropertyKey>,
): Map<PropertyKey, ClassMember[]> {
  const byKey = new Map<PropertyKey, ClassMember[]>();
  for (const member of members) {
    const key = member.key ?? computed.get(member);
    if (key === undefined) continue;
    const last = byKey.get(key)?.at(-1);
    // Of two methods of the same name the later one wins; a getter and a setter form a pair.
    const pair = last && last.kind !== member.kind && /^[gs]et$/.test(last.kind) && /^[gs]et$/.test(member.kind);
    byKey.set(key, pair ? [last, member] : [member]);
  }
  return byKey;
}

function isOwnKey(member: ClassMember, isStatic: boolean): boolean {
  if (member.isPrivate || member.isStatic !== isStatic) return false;
  return isMethod(member) || (isStatic && member.kind === "field" && member.key !== undefined);
}

function isMethod({ kind, isPrivate }: ClassMember): boolean {
  return !isPrivate && (kind === "method" || kind === "get" || kind === "set");
}

function isPart({ kind }: ClassMember, part: "value" | "get" | "set"): boolean {
  return part === "value" ? kind === "method" || kind === "field" : kind === part;
}

function isMemberValue(value: unknown, member: ClassMember, whole: Parameters<typeof isMember>[2]): boolean {
  return typeof value === "function" && !types.isProxy(value) && isMember(value, member, whole);
}

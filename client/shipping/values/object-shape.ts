import { types } from "node:util";
import { classOf } from "../../../lambdas/protocol/class-registry.ts";
import { copyItems } from "../../../lambdas/protocol/named-fields.ts";
import { namedKeys } from "./array-fields.ts";
import { lockOf, type OwnChange } from "./own-changes.ts";
import { isPlain } from "./value-shape.ts";

/** How to recreate, on the engine, an object that plain data cannot represent. */
export interface ObjectShape {
  /** The data to start from; undefined to start from an empty object. */
  bare: object | undefined;
  /** The object's prototype; undefined if it is the usual one for objects of this kind. */
  prototype: object | null | undefined;
  /** Properties to define on the object. */
  own: OwnChange[];
}

/**
 * Returns the shape of an object with accessors, symbol keys, hidden or read-only fields or an unusual prototype, or of
 * an array, `Map` or the like with extra fields. Undefined for all other objects.
 */
export function objectShape(value: object): ObjectShape | undefined {
  if (types.isProxy(value) || classOf(value)) return undefined;
  const bare = bareCopy(value);
  if (bare) {
    const own = fieldsBesides(value);
    return own.length === 0 ? undefined : { bare: bare(), prototype: undefined, own };
  }
  if (isPlain(value)) {
    if (isOrdinary(value)) return undefined;
    const bareObject = Object.getPrototypeOf(value) === null ? Object.create(null) : undefined;
    return { bare: bareObject, prototype: undefined, own: allOwn(value) };
  }
  return inheritsFromObject(value)
    ? { bare: undefined, prototype: Object.getPrototypeOf(value), own: allOwn(value) }
    : undefined;
}

/** Returns the shape of an instance: its fields and its class's prototype. */
export function instanceShape(value: object): ObjectShape {
  return { bare: undefined, prototype: Object.getPrototypeOf(value), own: allOwn(value) };
}

/**
 * Whether all properties of a plain object are as an assignment creates them, or as `Object.freeze` or `Object.seal`
 * leaves them.
 */
function isOrdinary(value: object): boolean {
  if (Object.getOwnPropertySymbols(value).length > 0) return false;
  const lock = lockOf(value);
  return Object.getOwnPropertyNames(value).every((key) => {
    const {
      value: held,
      writable,
      enumerable,
      configurable,
      get,
      set,
    } = Object.getOwnPropertyDescriptor(value, key) ?? {};
    if (get || set || (held === undefined && writable === undefined) || !enumerable) return false;
    return writable === (lock !== "freeze") && configurable === (lock !== "freeze" && lock !== "seal");
  });
}

function allOwn(value: object): OwnChange[] {
  return Reflect.ownKeys(value).map((key) => ({ key, descriptor: Object.getOwnPropertyDescriptor(value, key) ?? {} }));
}

/** Returns extra fields of a value of a built-in class. */
function fieldsBesides(value: object): OwnChange[] {
  const keys = Array.isArray(value) || types.isTypedArray(value) ? namedKeys(value) : Reflect.ownKeys(value);
  return keys.flatMap((key) => {
    const descriptor = Object.getOwnPropertyDescriptor(value, key) ?? {};
    const isStart = key === "lastIndex" && types.isRegExp(value) && descriptor.value === 0 && descriptor.writable;
    return isStart ? [] : [{ key, descriptor }];
  });
}

/** Returns a function that copies the value without extra fields; undefined if it is not of one of these classes. */
function bareCopy(value: object): (() => object) | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) return prototype === Array.prototype ? () => bareArray(value) : undefined;
  if (Buffer.isBuffer(value)) return () => Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (types.isTypedArray(value)) {
    const { buffer, byteOffset, length } = value;
    const Kind = value.constructor;
    return Object.getPrototypeOf(prototype) === TYPED
      ? () => Reflect.construct(Kind, [buffer, byteOffset, length])
      : undefined;
  }
  if (prototype === Map.prototype && value instanceof Map) return () => new Map(value);
  if (prototype === Set.prototype && value instanceof Set) return () => new Set(value);
  if (prototype === Date.prototype && value instanceof Date) return () => new Date(value);
  if (prototype === RegExp.prototype && value instanceof RegExp) return () => new RegExp(value.source, value.flags);
  return undefined;
}

const TYPED: unknown = Object.getPrototypeOf(Int8Array.prototype);

function bareArray(value: readonly unknown[]): unknown[] {
  const bare: unknown[] = [];
  copyItems(value, bare);
  return bare;
}

/** Whether the object inherits from another object and not from a class. */
function inheritsFromObject(value: object): boolean {
  if (Object.prototype.toString.call(value) !== "[object Object]" || types.isModuleNamespaceObject(value)) return false;
  const maker: unknown = value.constructor;
  return maker === undefined || maker === Object;
}

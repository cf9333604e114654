import { type ClassLookup, classNamed, classOf } from "./class-registry.ts";
import { described, isOddName, readFields, writeFields } from "./own-fields.ts";
import { fieldOf } from "./unreadable-field.ts";
import { partsOf } from "./written-parts.ts";

/**
 * Makers of empty errors, by the name of the built-in class. Errors are encoded with their class, message, stack,
 * cause, errors and own fields.
 */
const INTRINSIC: Record<string, () => Error> = {
  Error: () => new Error(),
  EvalError: () => new EvalError(),
  RangeError: () => new RangeError(),
  ReferenceError: () => new ReferenceError(),
  SyntaxError: () => new SyntaxError(),
  TypeError: () => new TypeError(),
  URIError: () => new URIError(),
  AggregateError: () => new AggregateError([]),
};

/** Fields of an error that are not enumerable. */
const HIDDEN = ["message", "stack", "cause", "errors"] as const;

/**
 * The key under which an encoded error holds the name of its built-in class. The error's fields keep their own keys, so
 * that paths in messages match the user's object.
 */
const CLASS = "";
/** Key of a registered class's name. */
const REGISTERED = "\0class";

/** Key of all enumerable fields of the error, used if one of them conflicts with the codec's keys. */
const FIELDS = "\0fields";

/**
 * Turns an error into a plain object; undefined for anything else, and for errors of a registered class with
 * `serialize`.
 */
export function reduceError(value: unknown): Record<string, unknown> | undefined {
  if (!isError(value)) return undefined;
  const intrinsic = intrinsicName(value);
  const reduced: Record<string, unknown> = { [CLASS]: intrinsic };
  const registered = classOf(value);
  if (registered?.serialize) return undefined;
  if (registered) reduced[REGISTERED] = registered.name;
  for (const key of HIDDEN) if (Object.hasOwn(value, key)) reduced[key] = fieldOf(value, key);
  if (intrinsic === "DOMException") Object.assign(reduced, { message: value.message, stack: value.stack });
  if (value.name !== intrinsic) reduced.name = value.name;
  const keys = Object.keys(value);
  if (keys.some(isOdd)) reduced[FIELDS] = writeFields(described(value, keys)).fields;
  else for (const key of keys) reduced[key] = value[key];
  return reduced;
}

/** Whether the field conflicts with the codec's keys, or is normally not enumerable on errors. */
function isOdd(key: string): boolean {
  return key === "name" || isOddName(key) || HIDDEN.some((own) => own === key);
}

/**
 * Makes a reviver for one decoding. The same plain object always gives the same error, so that an error may be its own
 * cause. An error of an unknown class keeps the class's name.
 */
export function reviveErrors(classes: ClassLookup = classNamed): (value: unknown) => Error {
  const made = new Map<unknown, Error>();
  return (value) => {
    const reduced = partsOf(value);
    const error = made.get(value) ?? blankError(reduced);
    const registered = Object.hasOwn(reduced, REGISTERED) ? classes(String(reduced[REGISTERED])) : undefined;
    if (registered) Object.setPrototypeOf(error, registered.made.prototype);
    made.set(value, error);
    for (const key of Object.keys(reduced)) {
      if (
        key === CLASS ||
        key === REGISTERED ||
        key === FIELDS ||
        (error instanceof DOMException && (key === "message" || key === "name"))
      )
        continue;
      const hidden = key === "name" || HIDDEN.some((name) => name === key);
      const field = { value: reduced[key], writable: true, configurable: true, enumerable: !hidden };
      Object.defineProperty(error, key, field);
    }
    readFields(error, reduced[FIELDS]);
    return error;
  };
}

/** Whether the value is an error of this realm or another. */
export function isError(value: unknown): value is Error & Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

function blankError(reduced: Readonly<Record<string, unknown>>): Error {
  const name = String(reduced[CLASS]);
  if (name === "DOMException") return new DOMException(String(reduced.message), String(reduced.name ?? "Error"));
  const make = Object.hasOwn(INTRINSIC, name) ? INTRINSIC[name] : undefined;
  return make ? make() : new Error();
}

/** The name of the nearest built-in error class in the value's prototype chain. */
function intrinsicName(error: object): string {
  for (let at: object | null = error; at !== null; at = Object.getPrototypeOf(at)) {
    const maker: unknown = Object.hasOwn(at, "constructor") ? at.constructor : undefined;
    const name = typeof maker === "function" ? maker.name : "";
    if (name === "DOMException" || Object.hasOwn(INTRINSIC, name)) return name;
  }
  return "Error";
}

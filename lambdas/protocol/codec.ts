import * as devalue from "devalue";
import { instanceReducer, reviveInstances } from "./class-instances.ts";
import { type ClassLookup, hasClasses } from "./class-registry.ts";
import { reduceError, reviveErrors } from "./error-value.ts";
import { CodecError } from "./errors.ts";
import { reduceFielded, reviveFielded } from "./fielded-object.ts";
import { INLINE_BYTES } from "./function-reference.ts";
import { itemKeys } from "./named-fields.ts";
import { isPlainJson, isPlainPrimitive } from "./plain-json.ts";
import { packRaw, unpackRaw } from "./raw-container.ts";
import { referredName } from "./reference.ts";
import { SharedBuffers } from "./shared-buffers.ts";
import { whyNotEncodable, whyNotWhole } from "./unencodable.ts";
import { isStackOverflow, isStringTooLong } from "./v8-limits.ts";
import { itemsOf, kindOf } from "./value-kind.ts";
import { damagedValue } from "./written-parts.ts";

/**
 * How values are encoded, on the wire and in storage. The first letter is the format: `J` JSON, `D` devalue's JSON, `R`
 * (bytes only) devalue's JSON and raw segments.
 *
 * JSON is used where it loses nothing, because it is ten times faster than devalue. Devalue is used for values that
 * JSON would change (undefined, -0, Map, shared and cyclic references, errors …).
 */
const JSON_TAG = "J";
const DEVALUE_TAG = "D";
const RAW_BYTE = 0x52;

/** Maximum size of a buffer to encode as base64, in bytes: longer buffers would not fit inline, and are stored raw. */
const RAW_BYTES = (INLINE_BYTES * 3) / 4;

/** Handlers for placeholders in a value. A placeholder without its handler cannot be encoded. */
export interface Placeholders {
  /** Receives the name of each `Reference` in the value. */
  names?: Set<string> | undefined;
  /** Returns the number that stands for another task's result in the encoded value; `undefined` for other values. */
  resultAt?: ((value: object) => number | undefined) | undefined;
}

/**
 * Encodes everything that `structuredClone` accepts except shared memory and getters, and also extra fields of arrays,
 * Maps and the like, errors with their fields, and instances of registered classes. Decoding gives the same value, with
 * its keys, holes and shared objects, but frozen and read-only parts become mutable.
 *
 * @param path how the caller would refer to the value, for messages: `args`, `result`
 * @returns text if it is at most `INLINE_BYTES` long, otherwise bytes for a blob
 * @throws CodecError with the path of what cannot be encoded
 */
export function encodeValue(value: unknown, path: string, placeholders: Placeholders = {}): string | Uint8Array {
  if (value === undefined) return `${DEVALUE_TAG}-1`;
  try {
    if (isPlainJson(value)) return fit(JSON_TAG + JSON.stringify(value));
    const buffers = new SharedBuffers();
    const segments: ArrayBuffer[] = [];
    const kindOfWhole = kindFinder();
    const custom = reducers(kindOfWhole, segments, buffers, placeholders);
    const options = { operations: operations(kindOfWhole, buffers) };
    let text = devalue.stringify(value, custom, options);
    if (buffers.plan()) {
      segments.length = 0;
      text = devalue.stringify(value, custom, options);
    }
    return segments.length === 0 ? fit(DEVALUE_TAG + text) : packRaw(RAW_BYTE, text, segments);
  } catch (error) {
    throw asCodecError(error, path);
  }
}

/**
 * Like `encodeValue`, for a freshly made list that has nothing but its items, so the list itself need not be checked.
 */
export function encodeItems(
  items: readonly unknown[],
  path: string,
  placeholders: Placeholders = {},
): string | Uint8Array {
  return items.every(isPlainPrimitive) ? fit(JSON_TAG + JSON.stringify(items)) : encodeValue(items, path, placeholders);
}

/** Looks up the pushed value of a name. */
export type NameLookup = (name: string) => unknown;

/**
 * Decodes a value from `encodeValue`. Each call returns a fresh copy.
 *
 * @param lookup returns the value that replaces a `Reference`
 * @param classes finds classes by name; default: those registered in this thread
 * @param results the values of other tasks' results, by the numbers that stand for them
 * @throws FantailError, or an error of the JSON parser, if the text or bytes are not an encoded value; CodecError for
 *   an instance of an unknown class
 */
export function decodeValue(
  encoded: string | Uint8Array,
  lookup?: NameLookup,
  classes?: ClassLookup,
  results?: readonly unknown[],
): unknown {
  if (typeof encoded !== "string") {
    if (encoded[0] !== RAW_BYTE) return decodeValue(asBuffer(encoded).toString("utf8"), lookup, classes, results);
    const { text, segments } = unpackRaw(encoded);
    return devalue.parse(text, revivers(segments, lookup, classes, results));
  }
  const body = encoded.slice(1);
  if (encoded.startsWith(JSON_TAG)) return JSON.parse(body);
  if (encoded.startsWith(DEVALUE_TAG)) return devalue.parse(body, revivers([], lookup, classes, results));
  throw damagedValue(`it begins with ${JSON.stringify(encoded.slice(0, 8))}`);
}

function fit(text: string): string | Uint8Array {
  if (text.length * 3 <= INLINE_BYTES) return text;
  if (text.length <= INLINE_BYTES && Buffer.byteLength(text) <= INLINE_BYTES) return text;
  return Buffer.from(text);
}

/**
 * Makes a function that finds an object's kind and caches the last answer. Each object is checked several times in a
 * row, and a check takes longer the more fields it has.
 */
function kindFinder(): (value: object) => string | undefined {
  let last: object | undefined;
  let kind: string | undefined;
  return (value) => {
    if (value === last) return kind;
    const own = kindOf(value);
    kind = own === undefined || whyNotWhole(value, own) !== undefined ? undefined : own;
    last = value;
    return kind;
  };
}

/**
 * How devalue inspects objects. An object that cannot be encoded is presented as an instance of a class, so that
 * devalue reports its path.
 */
function operations(kindOfWhole: (value: object) => string | undefined, buffers: SharedBuffers) {
  return {
    tagOf: (value: object) => {
      const kind = kindOfWhole(value);
      return kind === undefined || kind === "null" ? "Object" : kind;
    },
    shapeOf: (value: object) => {
      const kind = kindOfWhole(value);
      if (kind !== "Object" && kind !== "null") return { kind: "not-plain" as const };
      return { kind: kind === "null" ? ("null-proto" as const) : ("plain" as const), keys: Object.keys(value) };
    },
    indicesOf: itemKeys,
    isThenable: () => false,
    viewInfo: (view: ArrayBufferView<ArrayBuffer>) => {
      const { byteLength } = view;
      const length = itemsOf(view);
      const { buffer, byteOffset } = buffers.placeOf(view);
      return { buffer, byteOffset, byteLength, length, bufferByteLength: buffer.byteLength };
    },
  };
}

type Reducers = Record<string, (value: unknown) => unknown>;

/** The reducers for devalue, which calls each of them for every value, including primitives. */
function reducers(
  kindOfWhole: (value: object) => string | undefined,
  segments: ArrayBuffer[],
  buffers: SharedBuffers,
  { names, resultAt }: Placeholders,
): Reducers {
  return {
    ...(resultAt ? { Result: (value) => isObject(value) && resultAt(value)?.toString() } : {}),
    ...(names ? { Reference: (value) => noted(referredName(value), names) } : {}),
    Error: reduceError,
    ...(hasClasses() ? { Instance: instanceReducer() } : {}),
    Fielded: (value) => {
      if (!isObject(value)) return undefined;
      const kind = kindOfWhole(value);
      return kind === undefined ? undefined : reduceFielded(value, kind);
    },
    Buffer: (value) =>
      Buffer.isBuffer(value) &&
      kindOfWhole(value) === "Buffer" &&
      new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
    // The reducer must be named `ArrayBuffer`, because devalue encodes the buffers of views under this name.
    ArrayBuffer: (value) => {
      if (!(value instanceof ArrayBuffer) || kindOfWhole(value) === undefined) return false;
      buffers.seeWhole(value);
      return value.byteLength > RAW_BYTES && segments.push(value);
    },
  };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function noted(name: string | undefined, names: Set<string>): string | undefined {
  if (name !== undefined) names.add(name);
  return name;
}

function revivers(
  segments: ArrayBuffer[],
  lookup?: NameLookup,
  classes?: ClassLookup,
  results?: readonly unknown[],
): Reducers {
  return {
    ...(lookup ? { Reference: (name) => lookup(String(name)) } : {}),
    ...(results ? { Result: (at) => results[Number(at)] } : {}),
    Error: reviveErrors(classes),
    Instance: reviveInstances(classes),
    Fielded: reviveFielded(),
    Buffer: (value) => asBuffer(bytesIn(value)),
    ArrayBuffer: (value) => {
      if (typeof value === "string") return new Uint8Array(Buffer.from(value, "base64")).buffer;
      return segments[Number(value) - 1];
    },
  };
}

function bytesIn(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw damagedValue(`the bytes of a Buffer are encoded as ${typeof value}`);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Keys that the codec has added to a path in the user's value, as devalue writes them. Messages omit them. */
const OWN_KEYS = /\[""\]|\["\\u0000(?:fields|data)"\]/g;

function asCodecError(error: unknown, path: string): unknown {
  if (error instanceof CodecError) return error;
  if (error instanceof devalue.DevalueError) {
    const way = path === "result" ? "result" : "argument";
    const inner = error.path.replaceAll(OWN_KEYS, "").replaceAll('["\\u0000__proto__"]', ".__proto__");
    return new CodecError(path + inner, whyNotEncodable(error.value, way), { cause: error });
  }
  return new CodecError(path, whyNotRead(error), { cause: error });
}

function whyNotRead(error: unknown): string {
  if (isStackOverflow(error)) return "is nested too deeply to be encoded: flatten it, or pass it as a file or buffer";
  if (isStringTooLong(error))
    return "is longer than 512 MB as text: split it into several values, or pass its bytes as Buffers";
  return "could not be encoded because a proxy in it, or serialize of a registered class, threw an error";
}

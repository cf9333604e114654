import * as devalue from "devalue";
import { reduceInstance, reviveInstances } from "./class-instances.ts";
import { type ClassLookup, hasClasses } from "./class-registry.ts";
import { reduceError, reviveErrors } from "./error-value.ts";
import { CodecError, FantailError } from "./errors.ts";
import { INLINE_BYTES } from "./function-reference.ts";
import { isPlainJson } from "./plain-json.ts";
import { packRaw, unpackRaw } from "./raw-container.ts";
import { referredName } from "./reference.ts";
import { isOfClass, whyNotEncodable } from "./unencodable.ts";

/**
 * How values travel and rest. The first letter says which form follows:
 * `J` JSON, `D` devalue's JSON, `R` (bytes only) devalue's JSON and raw segments.
 *
 * JSON where nothing would be lost by it, as it is ten times faster than devalue; devalue for
 * what JSON would change (undefined, -0, Map, shared and cyclic references, errors …).
 */
const JSON_TAG = "J";
const DEVALUE_TAG = "D";
const RAW_BYTE = 0x52;

/** A buffer longer than this would not fit inline as base64, so it goes raw. */
const RAW_BYTES = (INLINE_BYTES * 3) / 4;

/**
 * Encodes any value of plain data: all that `structuredClone` takes but shared memory, views of one
 * buffer as one buffer, and the named fields of arrays; errors with their own fields, and instances of registered classes.
 *
 * @param path how the caller would write the value, for messages: `args`, `result`
 * @param names takes the names that the value refers to; without it a `Reference` cannot be encoded
 * @returns text when it is at most `INLINE_BYTES` long, else bytes for a blob
 * @throws CodecError naming the accessor of what cannot be encoded
 */
export function encodeValue(value: unknown, path: string, names?: Set<string>): string | Uint8Array {
  if (value === undefined) return `${DEVALUE_TAG}-1`;
  try {
    if (isPlainJson(value)) return fit(JSON_TAG + JSON.stringify(value));
    const segments: ArrayBuffer[] = [];
    const text = devalue.stringify(
      value,
      { ...reducers(segments), ...(names ? { Reference: referrer(names) } : {}) },
      OPTIONS,
    );
    return segments.length === 0 ? fit(DEVALUE_TAG + text) : packRaw(RAW_BYTE, text, segments);
  } catch (error) {
    throw asCodecError(error, path);
  }
}

/** Reduces references to their names, and notes these. */
function referrer(names: Set<string>): (value: unknown) => string | undefined {
  return (value) => {
    const name = referredName(value);
    if (name !== undefined) names.add(name);
    return name;
  };
}

/** What a name stands for. */
export type NameLookup = (name: string) => unknown;

/**
 * The value that `encodeValue` was given; a fresh copy at each call.
 *
 * @param lookup gives what stands in the place of a `Reference`
 * @param classes gives classes by name; default: those that are registered in this thread
 * @throws FantailError when the text or bytes are no such encoding, CodecError for an instance of a class that is not known
 */
export function decodeValue(encoded: string | Uint8Array, lookup?: NameLookup, classes?: ClassLookup): unknown {
  if (typeof encoded !== "string") {
    if (encoded[0] !== RAW_BYTE) return decodeValue(asBuffer(encoded).toString("utf8"), lookup, classes);
    const { text, segments } = unpackRaw(encoded);
    return devalue.parse(text, revivers(segments, lookup, classes));
  }
  const body = encoded.slice(1);
  if (encoded.startsWith(JSON_TAG)) return JSON.parse(body);
  if (encoded.startsWith(DEVALUE_TAG)) return devalue.parse(body, revivers([], lookup, classes));
  throw new FantailError(`not an encoded value: it begins with ${JSON.stringify(encoded.slice(0, 8))}`);
}

function fit(text: string): string | Uint8Array {
  if (text.length * 3 <= INLINE_BYTES) return text;
  if (text.length <= INLINE_BYTES && Buffer.byteLength(text) <= INLINE_BYTES) return text;
  return Buffer.from(text);
}

/** A subclass of Map or Array would come back without its class, so it counts as any other instance. */
function tagOf(value: object): string {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === "Object" || isOfClass(value, tag) ? tag : "Object";
}

const OPTIONS = { operations: { viewInfo, tagOf, isThenable: () => false } };

function reducers(segments: ArrayBuffer[]): Record<string, (value: unknown) => unknown> {
  return {
    Error: reduceError,
    // Asked for each object.
    ...(hasClasses() ? { Instance: reduceInstance } : {}),
    Buffer: (value) => Buffer.isBuffer(value) && new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
    // Named as devalue names it: its views look for the buffer under this word.
    ArrayBuffer: (value) => value instanceof ArrayBuffer && value.byteLength > RAW_BYTES && segments.push(value),
  };
}

function revivers(
  segments: ArrayBuffer[],
  lookup?: NameLookup,
  classes?: ClassLookup,
): Record<string, (value: unknown) => unknown> {
  return {
    ...(lookup ? { Reference: (name: unknown) => lookup(String(name)) } : {}),
    Error: reviveErrors(classes),
    Instance: reviveInstances(classes),
    Buffer: (value) => asBuffer(value as Uint8Array),
    ArrayBuffer: (value) => {
      if (typeof value === "string") return new Uint8Array(Buffer.from(value, "base64")).buffer;
      return segments[Number(value) - 1];
    },
  };
}

/**
 * Only the visible bytes of a view: of a subarray of a gigabyte, or of a Buffer in Node's pool,
 * the rest is none of the engine's business.
 */
function viewInfo(view: ArrayBufferView & { length?: number }) {
  const whole = view.buffer instanceof ArrayBuffer && view.byteLength === view.buffer.byteLength;
  const buffer = whole ? view.buffer : copyOf(view);
  const { byteLength } = view;
  return { buffer, byteOffset: 0, byteLength, length: view.length ?? byteLength, bufferByteLength: byteLength };
}

function copyOf(view: ArrayBufferView): ArrayBuffer {
  const bytes = new Uint8Array(view.byteLength);
  bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return bytes.buffer;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function asCodecError(error: unknown, path: string): unknown {
  if (error instanceof devalue.DevalueError) {
    // What `serialize` gave stands under an empty name.
    return new CodecError(path + error.path.replaceAll('[""]', ""), whyNotEncodable(error.value), { cause: error });
  }
  if (error instanceof RangeError) {
    return new CodecError(path, "is nested too deep to be encoded: flatten it, or pass it as a file or buffer");
  }
  return new CodecError(path, "could not be read: a getter or a proxy of it threw", { cause: error });
}

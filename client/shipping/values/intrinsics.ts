/** Names that are globals on every engine, defined by the language or by Node 20 and later. */
const LANGUAGE =
  "AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError " +
  "FinalizationRegistry Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math " +
  "NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer String Symbol " +
  "SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet WebAssembly " +
  "decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt " +
  "undefined unescape";
const NODE =
  "AbortController AbortSignal Blob BroadcastChannel Buffer ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy " +
  "Crypto CryptoKey CustomEvent DOMException DecompressionStream Event EventTarget File FormData Headers MessageChannel " +
  "MessageEvent MessagePort Performance PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver ReadableStream " +
  "Request Response SubtleCrypto TextDecoder TextDecoderStream TextEncoder TextEncoderStream TransformStream URL " +
  "URLSearchParams WebSocket WritableStream atob btoa clearImmediate clearInterval clearTimeout console crypto fetch global " +
  "navigator performance process queueMicrotask setImmediate setInterval setTimeout structuredClone";

const LANGUAGE_NAMES = new Set(LANGUAGE.split(" "));
const GLOBAL_NAMES = new Set(`${LANGUAGE} ${NODE}`.split(" "));
/** Globals whose members are not listed: they are primitives, or their members differ between processes. */
const NOT_WALKED = new Set(["globalThis", "global", "process", "Infinity", "NaN", "undefined", "navigator"]);

let expressions: Map<unknown, string> | undefined;

/** Whether the name means the same on every engine, unless the caller's scope shadows it. */
export function isEngineGlobal(name: string): boolean {
  return GLOBAL_NAMES.has(name);
}

/** Whether the expression of a global begins with a name defined by the language, not by Node. */
export function isOfLanguage(expression: string): boolean {
  return LANGUAGE_NAMES.has(/^\w+/.exec(expression)?.[0] ?? "") && expression !== "globalThis";
}

/** Returns the expression that gives this built-in object or function on any engine, such as `Math.round`. */
export function intrinsicExpression(value: unknown): string | undefined {
  expressions ??= listIntrinsics();
  if (typeof value === "symbol") {
    const key = Symbol.keyFor(value);
    if (key !== undefined) return `Symbol.for(${JSON.stringify(key)})`;
  }
  return expressions.get(value);
}

function listIntrinsics(): Map<unknown, string> {
  const known = new Map<unknown, string>([
    [globalThis, "globalThis"],
    [process, "process"],
  ]);
  for (const name of GLOBAL_NAMES) {
    // Do not call getters: some load a module, some print a warning. After its first use, a getter has become a plain
    // value.
    const value = Object.getOwnPropertyDescriptor(globalThis, name)?.value;
    if (!NOT_WALKED.has(name)) list(value, name, known, 0);
  }
  // The class that all typed arrays inherit from has no global name.
  list(Object.getPrototypeOf(Int8Array), "Object.getPrototypeOf(Int8Array)", known, 0);
  return known;
}

const DEEPEST = 3;

function list(value: unknown, expression: string, known: Map<unknown, string>, depth: number): void {
  const walkable = typeof value === "function" || (typeof value === "object" && value !== null);
  if ((!walkable && typeof value !== "symbol") || known.has(value)) return;
  known.set(value, expression);
  if (!walkable || depth === DEEPEST) return;
  for (const key of Reflect.ownKeys(value)) {
    if (key === "constructor" || key === "caller" || key === "arguments" || key === "callee") continue;
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    const step = typeof key === "string" ? member(key) : wellKnown(key);
    if (step !== undefined && descriptor && "value" in descriptor) {
      list(descriptor.value, expression + step, known, depth + 1);
    }
  }
}

function member(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function wellKnown(key: symbol): string | undefined {
  const name = key.description ?? "";
  return /^Symbol\.\w+$/.test(name) ? `[${name}]` : undefined;
}

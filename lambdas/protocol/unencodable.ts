import { accessorOf, hidingField, ownSymbol } from "./own-fields.ts";
import { UnreadableField } from "./unreadable-field.ts";
import { isOfKind, isView, kindOf } from "./value-kind.ts";

/** Whether the value is passed to a task or returned from one. */
export type Way = "argument" | "result";

/**
 * Explains why a value cannot be encoded and what to do instead, as the end of a sentence that starts with its path.
 */
export function whyNotEncodable(value: unknown, way: Way = "argument"): string {
  const isResult = way === "result";
  const pass = isResult ? "return" : "pass";
  if (typeof value === "function") {
    if (isResult) return "is a function, which cannot be returned from a task; return data";
    return "is a function: use it inside the task's function, which captures it, or pass data";
  }
  if (typeof value === "symbol" || value instanceof Symbol) return `is a symbol: ${pass} a string instead`;
  if (typeof value !== "object" || value === null) return "cannot be encoded";
  if (value instanceof UnreadableField)
    return `cannot be read (${value.reason}): ${pass} an error whose message is a string`;
  if (value instanceof Promise || isCallable(value, "then")) return "is a promise: await it first";
  if (isCallable(value, "pipe") || isCallable(value, "getReader")) {
    return `is a stream: read it first, and ${pass} the bytes or the path of the file`;
  }
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) {
    return `is a ${className(value)}, whose content cannot be listed: ${pass} a Map, Set or plain object`;
  }
  if (isCallable(value, "next") && (Symbol.iterator in value || Symbol.asyncIterator in value)) {
    return "is an iterator: collect it into an array first";
  }
  const kind = kindOf(value);
  const inner = kind === undefined ? undefined : whyNotWhole(value, kind, pass);
  if (inner !== undefined) return inner;
  const getter = accessorOf(value);
  if (getter !== undefined)
    return `has a getter or setter, ${JSON.stringify(getter)}: ${pass} a copy with its value, such as { ...value }`;
  const name = className(value);
  return `is an instance of ${name}: register its class with registerClass(${name}), or ${pass} a plain object with the fields that ${isResult ? "are" : "the task"} ${isResult ? "wanted" : "needs"}`;
}

/** Why an object of a supported kind is still refused; `undefined` if it is not. */
export function whyNotWhole(value: object, kind: string, pass = "pass"): string | undefined {
  if (isView(value, kind)) {
    const why = whyNotBuffer(value.buffer);
    if (why !== undefined)
      return `is a view of ${why}: ${pass} a copy, such as ${kind === "DataView" ? "a view of its bytes" : "value.slice()"}`;
  }
  if (isOfKind(value, kind, "ArrayBuffer")) {
    const why = whyNotBuffer(value);
    if (why !== undefined) return `is ${why}: ${pass} a copy, such as value.slice()`;
    if (Object.getOwnPropertyNames(value).length > 0)
      return `is an ArrayBuffer with fields of its own: ${pass} them separately`;
  }
  if (ownSymbol(value) !== undefined) return "has symbol keys: use string keys";
  const hiding = hidingField(value, kind);
  if (hiding !== undefined)
    return `has a field ${JSON.stringify(hiding)}, which hides the member of its class with that name: ${pass} it separately`;
  const getter = accessorOf(value);
  if (getter === undefined) return undefined;
  return `has a getter or setter, ${JSON.stringify(getter)}: ${pass} a copy with its value, such as { ...value }`;
}

/** Names the kind of a buffer that its bytes alone could not restore; `undefined` for an ordinary buffer. */
function whyNotBuffer(buffer: ArrayBufferLike): string | undefined {
  if (Object.prototype.toString.call(buffer) === "[object SharedArrayBuffer]") return "a SharedArrayBuffer";
  if ("resizable" in buffer && buffer.resizable) return "a resizable ArrayBuffer";
  if ("detached" in buffer && buffer.detached) return "a detached ArrayBuffer";
  return undefined;
}

function isCallable(value: object, key: string): boolean {
  return typeof Reflect.get(value, key) === "function";
}

function className(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" ? name : "an unnamed class";
}

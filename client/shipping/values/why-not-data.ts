import { types } from "node:util";

/**
 * Returns why a captured value cannot be sent, and what to do instead. The text continues the sentence that the value's
 * path begins.
 */
export function whyNotData(value: unknown): string {
  if (typeof value === "symbol") return "is a symbol that exists only in this process: use Symbol.for or a string";
  if (typeof value !== "object" || value === null) return "cannot be sent";
  if (types.isProxy(value)) return "is a Proxy, whose handler cannot be read: send its target";
  if (className(value) === "AsyncResult" && has(value, "then"))
    return "is an AsyncResult: pass it as an argument, so that the task waits for it and gets its value";
  if (types.isPromise(value)) return "is a promise: await it first, and capture its value";
  const name = className(value);
  if (types.isWeakMap(value) || types.isWeakSet(value))
    return `is a ${name}, whose entries cannot be listed because this runtime has no inspector: use a Map or Set`;
  if (value instanceof WeakRef) return "is a WeakRef, which may lose its object at any time: capture the object";
  if (types.isGeneratorObject(value) || name.endsWith(" Iterator")) {
    return "is an iterator: collect it into an array first";
  }
  const alive = ["pipe", "getReader", "destroy", "close", "end", "listen", "connect"].find((key) => has(value, key));
  if (alive !== undefined) {
    return `is a ${name}, which exists only in this process: open it inside the function, or pass its data`;
  }
  return `is an instance of ${name}, which would lose its class: register the class with registerClass(${name}), or create the instance inside the function`;
}

function has(value: object, key: string): boolean {
  try {
    return typeof Reflect.get(value, key) === "function";
  } catch {
    return false;
  }
}

function className(value: object): string {
  const name: unknown = value.constructor?.name;
  if (typeof name === "string" && name !== "" && name !== "Object") return name;
  return Object.prototype.toString.call(value).slice(8, -1);
}

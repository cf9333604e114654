import { types } from "node:util";

/** Returns why a captured value cannot be sent and what to do instead, to end the sentence that its path begins. */
export function whyNotData(value: unknown): string {
  if (typeof value === "symbol") return "is a symbol of this process alone: use Symbol.for, or a string";
  if (typeof value !== "object" || value === null) return "cannot be sent";
  if (types.isProxy(value)) return "is a Proxy, whose behaviour cannot be read: send what it stands for";
  if (className(value) === "AsyncResult" && has(value, "then"))
    return "is an AsyncResult: pass the AsyncResult as an argument: the task then waits for it and gets its value";
  if (types.isPromise(value)) return "is a promise: await it first, and capture what it gives";
  const name = className(value);
  if (types.isWeakMap(value) || types.isWeakSet(value))
    return `is a ${name}, whose content cannot be listed in this runtime, which has no inspector: use a Map or Set`;
  if (value instanceof WeakRef) return "is a WeakRef, which may lose its object at any time: capture the object";
  if (types.isGeneratorObject(value) || name.endsWith(" Iterator")) {
    return "is an iterator: collect it into an array first";
  }
  const alive = ["pipe", "getReader", "destroy", "close", "end", "listen", "connect"].find((key) => has(value, key));
  if (alive !== undefined) {
    return `is a ${name}, which lives in this process only: open it inside the function, or pass what it would give`;
  }
  return `is an instance of ${name}, which would lose its class: register it with registerClass(${name}), or make the instance inside the function`;
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

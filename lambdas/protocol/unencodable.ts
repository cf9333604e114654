/** Says what a value is that the codec does not take, and what to do instead; ends the sentence that its path begins. */
export function whyNotEncodable(value: unknown): string {
  if (typeof value === "function") {
    return "is a function: name it inside the task's function, which captures it, or pass data";
  }
  if (typeof value === "symbol") return "is a symbol: pass a string instead";
  if (typeof value !== "object" || value === null) return "cannot be encoded";
  if (value instanceof Promise || isCallable(value, "then")) return "is a promise: await it first";
  if (isCallable(value, "pipe") || isCallable(value, "getReader")) {
    return "is a stream: read it first, and pass the bytes or the path of the file";
  }
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) {
    return `is a ${className(value)}, whose content cannot be listed: pass a Map, Set or plain object`;
  }
  if (isCallable(value, "next") && (Symbol.iterator in value || Symbol.asyncIterator in value)) {
    return "is an iterator: collect it into an array first";
  }
  if (Object.getOwnPropertySymbols(value).length > 0 && isPlain(value)) {
    return "has symbols for keys: use strings";
  }
  if (isPlain(value)) return "has a field named __proto__: rename it";
  const name = className(value);
  return `is an instance of ${name}: register its class with registerClass(${name}), or pass a plain object with the fields that the task needs`;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function isCallable(value: object, key: string): boolean {
  return typeof (value as Record<string, unknown>)[key] === "function";
}

function className(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" ? name : "an unnamed class";
}

/** Claims that the value is made by the language's class of that name itself, in this realm or another, not by a subclass. */
export function isOfClass(value: object, name: string): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== "object" || prototype === null || !Object.hasOwn(prototype, "constructor")) return false;
  return prototype.constructor?.name === name;
}

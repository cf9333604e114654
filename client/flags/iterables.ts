/** Whether a value is synchronously iterable. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return hasMethod(value, Symbol.iterator);
}

/** Whether a value is asynchronously iterable. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return hasMethod(value, Symbol.asyncIterator);
}

/** Whether a value has a method of this name. Primitive values may have one: a string is iterable. */
function hasMethod(value: unknown, name: symbol): boolean {
  return value !== null && value !== undefined && typeof Reflect.get(Object(value), name, value) === "function";
}

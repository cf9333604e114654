/** Whether a value can be iterated over at once. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return hasMethod(value, Symbol.iterator);
}

/** Whether a value can be iterated over as its items come. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return hasMethod(value, Symbol.asyncIterator);
}

/** Primitive values count too: a string is iterable. */
function hasMethod(value: unknown, name: symbol): boolean {
  return value !== null && value !== undefined && typeof Reflect.get(Object(value), name, value) === "function";
}

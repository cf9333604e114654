import type { Callable } from "../../authoring/callable.ts";

/** Calls the function and collects its result: an (async) generator becomes an array, a promise is awaited. */
export function runFunction(fn: Callable, args: unknown[]): unknown {
  const result = fn(...args);
  if (isThenable(result)) return Promise.resolve(result).then(drained);
  return drained(result);
}

/** Whether the value has a `then` method, as promises have. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof Reflect.get(value, "then") === "function"
  );
}

/**
 * Collects an iterator that is its own iterable, such as a generator, into an array, because an iterator cannot be
 * sent.
 */
function drained(result: unknown): unknown {
  if (typeof result !== "object" || result === null || !("next" in result)) return result;
  if (typeof result.next !== "function") return result;
  if (isAsyncIterable(result)) return collect(result);
  if (isIterable(result)) return Array.from(result);
  return result;
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value;
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const list: unknown[] = [];
  for await (const item of items) list.push(item);
  return list;
}

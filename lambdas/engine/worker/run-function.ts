type Callable = (...args: unknown[]) => unknown;

/** Calls the function and collects what it gives: an (async) generator is drained into an array, a promise is awaited. */
export function runFunction(fn: Callable, args: unknown[]): unknown {
  const result = fn(...args);
  if (isThenable(result)) return Promise.resolve(result).then(drained);
  return drained(result);
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/** An iterator that iterates itself, as generators do, has no other use than being drained. */
function drained(result: unknown): unknown {
  if (typeof result !== "object" || result === null || !("next" in result)) return result;
  if (typeof result.next !== "function") return result;
  if (Symbol.asyncIterator in result) return collect(result as AsyncIterable<unknown>);
  if (Symbol.iterator in result) return Array.from(result as Iterable<unknown>);
  return result;
}

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const list: unknown[] = [];
  for await (const item of items) list.push(item);
  return list;
}

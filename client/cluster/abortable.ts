import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { shown } from "../../lambdas/protocol/setting-fault.ts";

/** The listeners of each signal. */
const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` once the signal is aborted, unless the returned function is called first.
 *
 * All listeners of a signal share one event listener, which is removed with the last of them. A signal may live as long
 * as the process, and Node prints a warning when it gets an eleventh event listener.
 */
export function onAborted(signal: AbortSignal, listener: () => void): () => void {
  let listening = listeners.get(signal);
  if (listening === undefined) {
    listening = new Set();
    listeners.set(signal, listening);
  }
  if (listening.size === 0) signal.addEventListener("abort", callListeners, { once: true });
  const others = listening.add(listener);
  return () => {
    if (others.delete(listener) && others.size === 0) signal.removeEventListener("abort", callListeners);
  };
}

function callListeners({ target }: Event): void {
  const listening = target instanceof AbortSignal ? listeners.get(target) : undefined;
  const all = [...(listening ?? [])];
  listening?.clear();
  for (const listener of all) listener();
}

/**
 * Waits for the promise that `begin` returns, or until the signal is aborted. An abort ends only the wait; the work
 * continues. Starts nothing if the signal is already aborted.
 *
 * @throws the signal's reason if it is aborted; InvalidFlag for anything but an AbortSignal or undefined
 */
export async function abortable<T>(signal: AbortSignal | undefined, begin: () => Promise<T>): Promise<T> {
  if (signal === undefined) return begin();
  throwIfAborted(signal);
  let end = () => {};
  const raised = new Promise<never>((_, reject) => {
    end = onAborted(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([begin(), raised]);
  } finally {
    end();
  }
}

/**
 * Checks that a signal is not aborted.
 *
 * @throws the signal's reason if it is aborted; InvalidFlag for anything but an AbortSignal or undefined
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  if (!(signal instanceof AbortSignal)) throw new InvalidFlag("signal", `must be an AbortSignal, not ${shown(signal)}`);
  signal.throwIfAborted();
}

import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { shown } from "../../lambdas/protocol/setting-fault.ts";

/** Who is to be told when a signal is raised. */
const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` once the signal is raised, unless the returned function was called before. However many listen so, the signal has
 * one listener, and none when nobody does: a signal may live as long as the process, and Node warns of the eleventh.
 */
export function onAborted(signal: AbortSignal, listener: () => void): () => void {
  let listening = listeners.get(signal);
  if (listening === undefined) {
    listening = new Set();
    listeners.set(signal, listening);
  }
  if (listening.size === 0) signal.addEventListener("abort", tell, { once: true });
  const others = listening.add(listener);
  return () => {
    if (others.delete(listener) && others.size === 0) signal.removeEventListener("abort", tell);
  };
}

function tell({ target }: Event): void {
  const listening = target instanceof AbortSignal ? listeners.get(target) : undefined;
  const all = [...(listening ?? [])];
  listening?.clear();
  for (const listener of all) listener();
}

/**
 * Waits for what `begin` starts, or until the signal is raised: then who waits is let go, and what was waited for goes on. Nothing is
 * started when the signal was raised before.
 *
 * @throws the signal's reason; InvalidFlag for what is no AbortSignal
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

/** @throws the signal's reason when it was raised; InvalidFlag for what is no AbortSignal */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  if (!(signal instanceof AbortSignal)) throw new InvalidFlag("signal", `must be an AbortSignal, not ${shown(signal)}`);
  signal.throwIfAborted();
}

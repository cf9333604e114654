/** The signals by which a terminal or a supervisor asks a command to end. */
export const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Returns a signal that aborts when this process is asked to end. From then on, the process ends only by itself. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of STOP_SIGNALS) process.on(signal, () => stop.abort());
  return stop.signal;
}

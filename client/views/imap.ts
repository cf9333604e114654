import type { ClientCore } from "../client-core.ts";
import type { AsyncResult } from "../results/async-result.ts";
import { eligibleEngines, type ReadyFunction, submitApply } from "../submit/submission.ts";
import { zipLazily } from "./sequences.ts";
import type { Flags } from "./view-flags.ts";

/** Items per engine that `auto` keeps under way: one runs, the others hide the way there and back. */
const AUTO_PER_ENGINE = 4;

/** What became of one piece of input. */
type Arrival = { ok: true; value: unknown } | { ok: false; error: unknown };

/**
 * Maps a function over sequences that may be endless or asynchronous: takes input only as results are taken out.
 *
 * Leaving the loop closes the input and aborts what has not ended.
 */
export async function* imap(
  core: ClientCore,
  fn: ReadyFunction,
  sequences: readonly unknown[],
  flags: Flags,
): AsyncGenerator<unknown, void, undefined> {
  const { ordered = true, returnExceptions = false, maxOutstanding = "auto" } = flags;
  const bound =
    maxOutstanding === "auto"
      ? Math.max(1, eligibleEngines(core, flags) * AUTO_PER_ENGINE)
      : maxOutstanding || Number.POSITIVE_INFINITY;
  // Refilled a quarter at a time, so that several items travel in one message.
  const refill = Number.isFinite(bound) ? Math.ceil(bound / 4) : 0;
  let isFull = false;
  const input = zipLazily(sequences);
  const running = new Set<AsyncResult<unknown, unknown>>();
  /** Promises of what was submitted and not given out, in input order. */
  const waiting: Promise<Arrival>[] = [];
  const settledOrder: Promise<Arrival>[] = [];
  let wakeTaker = () => {};
  let isInputOver = false;
  let inputFailure: { error: unknown } | undefined;
  let wakePump = () => {};
  let isStopped = false;

  const { idempotencyKey } = flags;
  let launched = 0;
  const launch = (row: unknown[]) => {
    const key = idempotencyKey && { idempotencyKey: `${idempotencyKey}[${launched++}]` };
    const result = submitApply<unknown>(core, fn, row, { ...flags, ...key, returnExceptions: false });
    running.add(result);
    const arrival: Promise<Arrival> = result.then(
      (value) => ({ ok: true, value }) as const,
      (error: unknown) => ({ ok: false, error }) as const,
    );
    waiting.push(arrival);
    void arrival.then(() => {
      running.delete(result);
      settledOrder.push(arrival);
      wakeTaker();
    });
  };
  const pump = async () => {
    try {
      while (!isStopped) {
        if (waiting.length > (isFull ? bound - refill : bound - 1)) {
          isFull = true;
          await new Promise<void>((resolve) => {
            wakePump = resolve;
          });
          continue;
        }
        isFull = false;
        const { done, value } = await input.next();
        if (done || isStopped) break;
        launch(value);
        wakeTaker();
      }
    } catch (error) {
      inputFailure = { error };
    }
    isInputOver = true;
    wakeTaker();
  };
  void pump();
  try {
    for (;;) {
      const next = ordered ? waiting[0] : settledOrder.shift();
      if (next === undefined) {
        if (isInputOver && waiting.length === 0) break;
        await new Promise<void>((resolve) => {
          wakeTaker = resolve;
        });
        continue;
      }
      const arrival = await next;
      waiting.splice(waiting.indexOf(next), 1);
      wakePump();
      if (arrival.ok) yield arrival.value;
      else if (returnExceptions) yield arrival.error;
      else throw arrival.error;
    }
    if (inputFailure) throw inputFailure.error;
  } finally {
    isStopped = true;
    wakePump();
    await Promise.all([...running].map((result) => result.abort().catch(() => {})));
    // Not awaited: an input that never gives its next item could not be left.
    input.return(undefined).catch(() => {});
  }
}

import { setImmediate as turn } from "node:timers/promises";
import { TaskAborted } from "../../lambdas/protocol/errors.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import { onAborted } from "../cluster/abortable.ts";
import type { Clock } from "../cluster/clock.ts";
import type { KnownCluster } from "../cluster/known-cluster.ts";
import type { Flags } from "../flags/flags.ts";
import type { AsyncResult } from "../results/async-result.ts";
import { eligibleEngines } from "../submit/engine-targets.ts";
import { type ReadyFunction, submitApply } from "../submit/submission.ts";
import type { Submitter } from "../submit/submitter.ts";
import { BoundedQueue } from "./bounded-queue.ts";
import type { ViewPorts } from "./view-ports.ts";
import { ZippedInput } from "./zipped-input.ts";

/** Items per engine that `auto` keeps under way: one runs, the others hide the way there and back. */
const AUTO_PER_ENGINE = 4;

/** Items after which others get their turn, however fast the input: what one turn submits is one job, and is kept as long as any of it. */
const TURN_ITEMS = 1000;

/** What sends the items of an input, and waits for its end. */
export interface ImapPorts extends ViewPorts {
  clock: Clock;
}

/** What became of one item. */
type Arrival = { ok: true; value: unknown } | { ok: false; error: unknown };

/**
 * Maps a function over sequences that may be endless or asynchronous: takes input only as results are taken out.
 *
 * Leaving the loop aborts what has not ended, closes the input, and waits for what the input does then. When the view's signal is
 * raised, no more input is taken: what was is given out, then the loop ends with TaskAborted.
 */
export function imap(
  ports: ImapPorts,
  fn: ReadyFunction,
  sequences: readonly unknown[],
  flags: Flags,
): AsyncGenerator<unknown, void, undefined> {
  const left = new AbortController();
  const items = mapped(ports, fn, sequences, flags, left);
  const end = items.return.bind(items);
  // A generator comes to its end only when its next item has come, and that may be never.
  items.return = (value) => {
    left.abort();
    return end(value);
  };
  return items;
}

async function* mapped(
  ports: ImapPorts,
  fn: ReadyFunction,
  sequences: readonly unknown[],
  flags: Flags,
  left: AbortController,
): AsyncGenerator<unknown, void, undefined> {
  const { ordered = true, returnExceptions = false, signal } = flags;
  const queue = new BoundedQueue<Arrival>(boundOf(ports.cluster, flags), ordered);
  const input = new ZippedInput(sequences, ports.clock);
  const running = new Set<AsyncResult<unknown, unknown>>();
  let over: { error?: unknown } | undefined;
  const end = (how: { error?: unknown }) => {
    over ??= how;
    queue.end();
  };
  const onAbort = () => end({ error: abortedBySignal(ports.submitter) });
  const launch = async (result: AsyncResult<unknown, unknown>): Promise<Arrival> => {
    running.add(result);
    try {
      return { ok: true, value: await result.get({ signal: left.signal }) };
    } catch (error) {
      return { ok: false, error };
    } finally {
      running.delete(result);
    }
  };
  const pump = async () => {
    try {
      for (let place = 0; (await queue.room()) && !over; place++) {
        if (place % TURN_ITEMS === TURN_ITEMS - 1) await turn();
        const row = await input.next();
        if (row === undefined || over || left.signal.aborted) break;
        queue.put(launch(ports.results.of(submitApply(ports, fn, row, flagsOf(flags, place)))));
      }
      end({});
    } catch (error) {
      end({ error });
    }
  };
  const unheard = signal && onAborted(signal, onAbort);
  let isFailing = false;
  try {
    onAborted(left.signal, () => queue.close());
    if (signal?.aborted) onAbort();
    void pump();
    for (let next = await queue.take(); next; next = await queue.take()) {
      const { value: arrival } = next;
      if (!arrival.ok && !returnExceptions) throw arrival.error;
      yield arrival.ok ? arrival.value : arrival.error;
    }
    if (over && "error" in over && !left.signal.aborted) throw over.error;
  } catch (error) {
    isFailing = true;
    throw error;
  } finally {
    unheard?.();
    const aborts = [...running].map((result) => result.abort().catch(() => {}));
    left.abort();
    const closing = input.close();
    // What the loop ends with comes before what its input has to say to that.
    await Promise.all([...aborts, isFailing ? closing.catch(() => {}) : closing]);
  }
}

function boundOf(cluster: KnownCluster, flags: Flags): number {
  const { maxOutstanding = "auto" } = flags;
  if (maxOutstanding === "auto") return Math.max(1, eligibleEngines(cluster, flags) * AUTO_PER_ENGINE);
  return maxOutstanding || Number.POSITIVE_INFINITY;
}

/** Flags of one item, which has a key of its own; its failure is made a value here, if it is to be one. */
function flagsOf(flags: Flags, place: number): Flags {
  const { idempotencyKey: key } = flags;
  return { ...flags, returnExceptions: false, ...(key && { idempotencyKey: `${key}[${place}]` }) };
}

function abortedBySignal(submitter: Submitter): TaskAborted {
  const evalue = "the imap was aborted by its signal, and takes no more input";
  const id = taskId(submitter.newId(), 0);
  return new TaskAborted({ ename: "TaskAborted", evalue, traceback: "", engineId: undefined, taskId: id });
}

import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { TaskAborted } from "../../lambdas/protocol/remote-error.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import { onAborted } from "../cluster/abortable.ts";
import type { Flags } from "../flags/flags.ts";
import { eligibleEngines } from "../submit/engine-targets.ts";
import type { ReadyFunction } from "../submit/submission.ts";
import type { Submitter } from "../submit/submitter.ts";
import { ImapFeed, type ImapPorts } from "./imap-feed.ts";
import { OutstandingWindow } from "./outstanding-window.ts";

/**
 * Maps a function over sequences, which may be endless or asynchronous. Input is read only as results are taken.
 *
 * Leaving the loop aborts unfinished items, closes the input, and waits until it is closed. If the view's signal is
 * aborted, no more input is read: results of items already submitted are yielded, then the loop ends with TaskAborted.
 */
export function imap(
  ports: ImapPorts,
  fn: ReadyFunction,
  sequences: readonly unknown[],
  flags: Flags,
): AsyncGenerator<unknown, void, undefined> {
  if (flags.budgetUsd !== undefined)
    throw new InvalidFlag("budgetUsd", "cannot be set for imap, whose items are several jobs: use map");
  const left = new AbortController();
  const items = mapped(ports, fn, sequences, flags, left);
  const end = items.return.bind(items);
  // A generator's own `return` waits for the pending `next`, which may never resolve: signal the feed first.
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
  const feed = new ImapFeed(ports, sequences, windowOf(ports, flags), ordered, left.signal);
  const onAbort = () => feed.end({ error: abortedBySignal(ports.submitter) });
  const unheard = signal && onAborted(signal, onAbort);
  let isFailing = false;
  try {
    onAborted(left.signal, () => feed.close());
    if (signal?.aborted) onAbort();
    void feed.pump(fn, (place) => flagsOf(flags, place));
    for (let next = await feed.take(); next; next = await feed.take()) {
      const { value: arrival } = next;
      if (!arrival.ok && !returnExceptions) throw arrival.error;
      yield arrival.ok ? arrival.value : arrival.error;
    }
    const { over } = feed;
    if (over && "error" in over && !left.signal.aborted) throw over.error;
  } catch (error) {
    isFailing = true;
    throw error;
  } finally {
    unheard?.();
    const aborts = feed.abortRest();
    left.abort();
    const closing = feed.closeInput();
    // The error that ends the loop takes precedence over an error of closing the input.
    await Promise.all([aborts, isFailing ? closing.catch(() => {}) : closing]);
  }
}

function windowOf({ cluster, clock }: ImapPorts, flags: Flags): { size: number } {
  const { maxOutstanding = "auto" } = flags;
  if (maxOutstanding === "auto") return new OutstandingWindow(eligibleEngines(cluster, flags), () => clock.now());
  return { size: maxOutstanding || Number.POSITIVE_INFINITY };
}

/**
 * Flags of one item. If the call has an idempotency key, each item gets one of its own. `returnExceptions` is off,
 * because the loop itself applies that flag.
 */
function flagsOf(flags: Flags, place: number): Flags {
  const { idempotencyKey: key } = flags;
  return { ...flags, returnExceptions: false, ...(key && { idempotencyKey: `${key}[${place}]` }) };
}

function abortedBySignal(submitter: Submitter): TaskAborted {
  const evalue = "imap was aborted by its signal and reads no more input";
  const id = taskId(submitter.newId(), 0);
  return new TaskAborted({ ename: "TaskAborted", evalue, traceback: "", engineId: undefined, taskId: id });
}

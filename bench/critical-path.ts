import type { RecordedCall } from "../client/local/requests/call-log.ts";

/** From a submission to its result, on the clock of the calls. */
export interface Span {
  from: number;
  to: number;
}

/** A call on the critical path. */
export interface Step {
  call: RecordedCall;
  /** When it was received. */
  from: number;
  /** When it had done what the next step waited for: it was answered, or the function that it invokes began. */
  to: number;
}

/**
 * Finds the calls in sequence that made a result take as long as it did, first to last.
 *
 * It walks back from the result. Before a moment of a caller lies what it learned last: the answer to a call of its own,
 * or, of a function, the call that started it. If that answer was a function's, the walk goes on inside the function,
 * at the end. A client's read that found something follows the last write of that partition, unless the client had learned
 * something else since then; its reads that found nothing led to nothing, and are left out.
 *
 * So every step began after the one before it had ended, but for the read in whose course a write came, and no other
 * call that its caller waited for ended between the two.
 */
export function criticalPath(calls: readonly RecordedCall[], { from, to }: Span): Step[] {
  const index = indexOf(calls.filter(({ start }) => start >= from && start < to));
  const path: Step[] = [];
  let [who, at] = ["client", to];
  while (path.length <= calls.length) {
    const answered = lastBefore(index.byCaller.get(who), at, answeredAt);
    const started = lastBefore(index.byStarted.get(who), at, beganAt);
    if (started && (!answered || beganAt(started) >= answeredAt(answered))) {
      path.push({ call: started, from: started.start, to: beganAt(started) });
      [who, at] = [callerOf(started), started.start];
    } else if (answered && isSynchronous(answered)) [who, at] = [answered.starts ?? "", answeredAt(answered)];
    else if (answered) {
      path.push({ call: answered, from: answered.start, to: answeredAt(answered) });
      at = answered.start;
      const write = who === "client" && writeBehind(index, answered);
      if (!write) continue;
      path.push({ call: write, from: write.start, to: answeredAt(write) });
      [who, at] = [callerOf(write), write.start];
    } else break;
  }
  return path.reverse();
}

interface CallIndex {
  byCaller: Map<string, RecordedCall[]>;
  byStarted: Map<string, RecordedCall[]>;
  /** Writes of functions. */
  byPartition: Map<string, RecordedCall[]>;
}

function indexOf(calls: readonly RecordedCall[]): CallIndex {
  const index: CallIndex = { byCaller: new Map(), byStarted: new Map(), byPartition: new Map() };
  for (const call of calls) {
    const isClients = callerOf(call) === "client";
    if (!(isClients && call.found === false)) add(index.byCaller, callerOf(call), call);
    if (call.starts !== undefined && call.began !== undefined) add(index.byStarted, call.starts, call);
    if (call.found === undefined && !isClients)
      for (const partition of call.partitions ?? []) add(index.byPartition, partition, call);
  }
  return index;
}

function add(groups: Map<string, RecordedCall[]>, key: string, call: RecordedCall): void {
  const group = groups.get(key);
  if (group) group.push(call);
  else groups.set(key, [call]);
}

/** The last write of what a read found, unless the client learned something else between the two. */
function writeBehind({ byPartition, byCaller }: CallIndex, read: RecordedCall): RecordedCall | undefined {
  if (read.found !== true) return undefined;
  let last: RecordedCall | undefined;
  for (const partition of read.partitions ?? []) {
    const write = lastBefore(byPartition.get(partition), answeredAt(read), answeredAt);
    if (write && (!last || answeredAt(write) > answeredAt(last))) last = write;
  }
  const learned = lastBefore(byCaller.get("client"), read.start, answeredAt);
  return last && learned && answeredAt(learned) > answeredAt(last) ? undefined : last;
}

function lastBefore(
  calls: readonly RecordedCall[] | undefined,
  at: number,
  time: (call: RecordedCall) => number,
): RecordedCall | undefined {
  let last: RecordedCall | undefined;
  for (const call of calls ?? []) if (time(call) <= at && (!last || time(call) > time(last))) last = call;
  return last;
}

function callerOf({ within, by }: RecordedCall): string {
  return within ?? by;
}

/** Whether the answer is the function's. */
function isSynchronous({ operation, starts, began }: RecordedCall): boolean {
  return operation === "Invoke" && starts !== undefined && began !== undefined;
}

function answeredAt({ end = Number.POSITIVE_INFINITY }: RecordedCall): number {
  return end;
}

function beganAt({ began = Number.POSITIVE_INFINITY }: RecordedCall): number {
  return began;
}

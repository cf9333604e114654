import type { RecordedCall } from "../client/local/requests/call-log.ts";

/** The time from a submission to its result, in values of `machineMs`, as in the calls. */
export interface Span {
  from: number;
  to: number;
}

/** A call on the critical path. */
export interface Step {
  call: RecordedCall;
  /** When the call was received. */
  from: number;
  /** When the next step could begin: when the call was answered, or when the function that it invoked began to run. */
  to: number;
  /** How much of the step the latency model waited, in milliseconds. */
  modeledMs: number;
}

/**
 * Finds the sequence of calls that determined how long a result took. Returns them first to last.
 *
 * The search goes backwards from the result. At each moment, a caller depends on the last thing that it learned: the
 * answer to one of its calls or, for a function, the call that started it. If a function gave the answer, the search
 * continues inside this function, at its end. A client's read that found something depends on the last write to the
 * partition that it read, unless the client has learned something else since that write. A client's reads that found
 * nothing are ignored.
 *
 * So each step began after the step before it had ended, except a read during which the write happened, and no other
 * call that the step's caller waited for ended in between.
 */
export function criticalPath(calls: readonly RecordedCall[], { from, to }: Span): Step[] {
  const index = indexOf(calls.filter(({ start }) => start >= from && start < to));
  const path: Step[] = [];
  let [who, at] = ["client", to];
  while (path.length <= calls.length) {
    const answered = lastBefore(index.byCaller.get(who), at, answeredAt);
    const started = lastBefore(index.byStarted.get(who), at, beganAt);
    if (started && (!answered || beganAt(started) >= answeredAt(answered))) {
      path.push({ ...stepOf(started, beganAt(started)), modeledMs: started.deliveryMs ?? started.waitedMs });
      [who, at] = [callerOf(started), started.start];
    } else if (answered && isSynchronous(answered)) [who, at] = [answered.starts ?? "", answeredAt(answered)];
    else if (answered) {
      path.push(stepOf(answered, answeredAt(answered)));
      at = answered.start;
      const write = who === "client" && writeBehind(index, answered);
      if (!write) continue;
      path.push(stepOf(write, answeredAt(write)));
      [who, at] = [callerOf(write), write.start];
    } else break;
  }
  return path.reverse();
}

function stepOf(call: RecordedCall, to: number): Step {
  return { call, from: call.start, to, modeledMs: call.waitedMs };
}

interface CallIndex {
  byCaller: Map<string, RecordedCall[]>;
  byStarted: Map<string, RecordedCall[]>;
  /** Writes by functions, by partition key. */
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

/**
 * Returns the last write to the partitions of a read that found something; undefined if the client learned something
 * else after the write and before the read.
 */
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

/** Whether the caller waited for the invoked function's answer. */
function isSynchronous({ operation, starts, began }: RecordedCall): boolean {
  return operation === "Invoke" && starts !== undefined && began !== undefined;
}

function answeredAt({ end = Number.POSITIVE_INFINITY }: RecordedCall): number {
  return end;
}

function beganAt({ began = Number.POSITIVE_INFINITY }: RecordedCall): number {
  return began;
}

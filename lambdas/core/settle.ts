import type { JobFlags } from "../protocol/flags.ts";
import { indexesOf, mergedRanges, rangesOf, withoutRanges } from "../protocol/index-ranges.ts";
import type { EncodedError, Entry, EntryStatus, OutcomePage } from "../protocol/outcome-page.ts";
import type { Blame } from "./engine.ts";
import { attemptIn, type Lease, type LeaseRange, leaseIndexRanges, leaseRangesWithin, leaseTasks } from "./lease.ts";
import { largerPoolFor, type PlaceFacts, queueAfter, verdictOnRefusal } from "./next-queue.ts";
import type { QueueEntry } from "./queue-entry.ts";
import { afterAttempt } from "./retry.ts";

/**
 * Maximum number of leases into which the tasks of a lost lease are split. More pieces would find the culprit in fewer
 * crashes, but spread the innocent tasks over more leases.
 */
const SUSPECT_PIECES = 8;

/**
 * Maximum total length, in characters, of the error messages for tasks of one lease that no engine can run or that were
 * lost with their engine, so that they fit into the lease's outcome page.
 */
const IMPOSSIBLE_CHARS = 120_000;

/** How Lambda reports an invocation that exceeded its memory. */
const OUT_OF_MEMORY = /OutOfMemory|signal: killed/;

/** An engine's report of one attempt, before the scheduler has decided whether it is final. */
export interface AttemptReport {
  index: number;
  status: EntryStatus;
  value?: Entry["value"] | undefined;
  error?: EncodedError | undefined;
  started?: number | undefined;
  completed?: number | undefined;
  phases?: Entry["phases"];
  stdout?: string | undefined;
  stderr?: string | undefined;
}

/** The facts that decide what follows the attempts of a lease. */
export interface VerdictFacts extends PlaceFacts {
  /** Epoch milliseconds. */
  now: number;
  random: () => number;
  /** Deadline of the job's tasks, epoch milliseconds. */
  deadlineAt?: number | undefined;
}

/**
 * Turns an engine's report on a lease into entries: numbers each attempt, and decides whether it is the last. Retries
 * with the same attempt number share a due time, so that they stay in one queue entry.
 *
 * A refusal is not an attempt; `verdictOnRefusal` decides what follows it. An attempt that continues in a larger pool
 * does not count either.
 */
export function settle(lease: Lease, reports: readonly AttemptReport[], judging: VerdictFacts): Entry[] {
  const { flags, now, random, deadlineAt } = judging;
  const dueOf = new Map<number, number | undefined>();
  const messageChars = Math.min(2000, Math.floor(IMPOSSIBLE_CHARS / reports.length));
  return reports.map((entry) => {
    const attempt = attemptIn(lease, entry.index) ?? 1;
    const fields = { ...entry, attempt };
    if (entry.status === "unmet") return { ...fields, ...verdictOnRefusal(lease.queue, entry, judging, messageChars) };
    const up = largerPoolFor(lease.queue, entry, judging);
    if (up !== undefined) return { ...fields, final: false, up };
    const after = afterAttempt(entry, attempt, flags, now, random);
    const judged: Entry = { ...fields, final: after.final };
    if (!after.final && after.due !== undefined) {
      if (!dueOf.has(attempt)) dueOf.set(attempt, Math.min(after.due, deadlineAt ?? after.due));
      const due = dueOf.get(attempt);
      if (due !== undefined) judged.due = due;
    }
    return judged;
  });
}

/**
 * The entries for a lost lease. Each task to blame has spent an attempt. If no task is to blame, there are no entries,
 * and the tasks can start more than `retries + 1` times.
 *
 * @param reason what happened to the engine
 */
export function settleLost(
  lease: Lease,
  reason: string,
  judging: VerdictFacts,
  blame: Blame = "lone",
  verb = "died",
): Entry[] {
  const tasks = leaseTasks(lease);
  if (blame === "none" || (blame === "suspected" && !lease.alone) || (blame !== "all" && tasks !== 1)) return [];
  const evalue = `engine ${judging.engine.id} ${verb}: ${reason}`.slice(0, Math.floor(IMPOSSIBLE_CHARS / tasks));
  const error: EncodedError = { code: "EngineError", ename: "EngineError", evalue };
  if (OUT_OF_MEMORY.test(reason)) error.memory = true;
  const reports = Array.from(indexesOf(leaseIndexRanges(lease)), (index): AttemptReport => {
    return { index, status: "lost", error, completed: judging.now };
  });
  return settle(lease, reports, judging);
}

/** A batch of tasks to queue at once, or at `due` (epoch milliseconds). */
export interface Requeued {
  entry: QueueEntry;
  due?: number | undefined;
}

/**
 * The tasks of a settled lease to queue again: those whose entry is not final, and those that are neither reported nor
 * still running. These tasks follow from the lease and its page, so another scheduler can finish the work of one that
 * died.
 */
export function followUps(
  lease: Lease,
  page: Pick<OutcomePage, "engine" | "pool" | "revoked" | "entries" | "running">,
  job: { tasks: number; specBytes: number; flags: JobFlags },
  now: number,
): Requeued[] {
  const hop = lease.hop + 1;
  const about = { job: lease.job, queue: lease.queue, priority: lease.priority, specBytes: job.specBytes };
  const scheme = job.flags.scheme;
  const requeued: Requeued[] = [];
  const groups = new Map<string, { entry: Entry; ranges: LeaseRange[]; queue: string }>();
  for (const entry of page.entries) {
    if (entry.final) continue;
    const queue = queueAfter(lease.queue, page, entry);
    const name = `${entry.due}/${isAnotherAttempt(entry)}/${queue}`;
    const group = groups.get(name) ?? { entry, ranges: [], queue };
    groups.set(name, group);
    const attempt = entry.attempt + (isAnotherAttempt(entry) ? 1 : 0);
    const last = group.ranges.at(-1);
    if (last && last.to === entry.index && last.attempt === attempt) last.to++;
    else group.ranges.push({ from: entry.index, to: entry.index + 1, attempt });
  }
  for (const { entry, ranges, queue } of groups.values()) {
    const { due } = entry;
    const tasks = leaseTasks({ ranges });
    // Refused and escalated tasks keep their place in line. They need no `avoid`, because their queue's name already
    // excludes this engine.
    const again = isAnotherAttempt(entry);
    const queued = again ? Math.max(now, due ?? now) : lease.queued;
    const batch = again ? { ranges, hop, avoid: page.engine } : { ranges, hop };
    requeued.push({ due, entry: { ...about, queue, queued, tasks, scheme, requeued: batch } });
  }
  const reported = rangesOf(page.entries.map((entry) => entry.index));
  const left = withoutRanges(withoutRanges(leaseIndexRanges(lease), reported), mergedRanges(page.running ?? []));
  if (left.length > 0) {
    const ranges = leaseRangesWithin(lease.ranges, left);
    const tasks = leaseTasks({ ranges });
    const atMost = page.revoked ? Math.ceil(tasks / SUSPECT_PIECES) : undefined;
    requeued.push({ entry: { ...about, queued: lease.queued, tasks, scheme, requeued: { ranges, hop, atMost } } });
  }
  return requeued;
}

/** Whether the task continues with a new attempt after this non-final entry. */
export function isAnotherAttempt(entry: Pick<Entry, "status" | "up">): boolean {
  return entry.status !== "unmet" && entry.up === undefined;
}

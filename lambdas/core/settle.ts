import type { JobFlags } from "../protocol/flags.ts";
import { indexesOf, mergedRanges, rangesOf, withoutRanges } from "../protocol/index-ranges.ts";
import type { EncodedError, Entry, EntryStatus, OutcomePage } from "../protocol/outcome-page.ts";
import type { Blame } from "./engine.ts";
import type { Hint } from "./hint.ts";
import type { Lacking } from "./impossible.ts";
import { attemptIn, type Lease, type LeaseRun, leaseRanges, leaseTasks, runsWithin } from "./lease.ts";
import { classAfter, judgeRefusal, largerPoolFor } from "./next-class.ts";
import type { EngineFacts } from "./queue-class.ts";
import { afterAttempt } from "./retry.ts";
import type { Roster } from "./roster.ts";

/** Most pieces into which the tasks of a lost lease are cut: few crashes find the culprit, few leases run the innocent. */
const SUSPECT_PIECES = 8;

/** Room in a page for what is said of the tasks that no engine may run, in characters: engines tell less than a page holds. */
const IMPOSSIBLE_CHARS = 120_000;

/** Lambda's words for an invocation that outgrew its memory. */
const OUT_OF_MEMORY = /OutOfMemory|signal: killed/;

/** What an engine tells of one attempt, before the scheduler has judged it. */
export interface ToldEntry {
  index: number;
  status: EntryStatus;
  value?: Entry["value"] | undefined;
  error?: EncodedError | undefined;
  started?: number | undefined;
  completed?: number | undefined;
  stdout?: string | undefined;
  stderr?: string | undefined;
}

/** What a lease is judged by. */
export interface Judging {
  engine: EngineFacts;
  flags: JobFlags;
  /** Engines as they are known now: they decide whether a refused task may still run. */
  roster: Roster;
  /** Epoch milliseconds. */
  now: number;
  random: () => number;
  /** Modules that pools are known to lack: for the words of a refusal. */
  lacking?: Lacking | undefined;
  /** When the job's tasks must have ended, epoch milliseconds. */
  deadlineAt?: number | undefined;
}

/**
 * Judges what an engine told of a lease: numbers each attempt and says whether it is the last. One due time per attempt
 * number, so that the retries of a lease stay one run.
 *
 * A refusal is no attempt: the task goes to another engine, or has ended when there is none. Nor does an attempt
 * count that goes on in a larger pool.
 */
export function settle(lease: Lease, told: readonly ToldEntry[], judging: Judging): Entry[] {
  const { engine, flags, roster, now, random, deadlineAt, lacking } = judging;
  const dueOf = new Map<number, number | undefined>();
  const messageChars = Math.min(2000, Math.floor(IMPOSSIBLE_CHARS / told.length));
  return told.map((entry) => {
    const attempt = attemptIn(lease, entry.index) ?? 1;
    const fields = { ...entry, attempt };
    if (entry.status === "unmet")
      return { ...fields, ...judgeRefusal(lease.queue, engine, entry, flags, roster, messageChars, lacking) };
    const up = largerPoolFor(lease.queue, engine, entry, flags, roster);
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
 * What a lost lease is put down as: whoever is to blame has spent an attempt. A task may start more than `retries + 1` times only
 * where nobody is.
 *
 * @param reason what happened to the engine
 */
export function settleLost(
  lease: Lease,
  reason: string,
  judging: Judging,
  blame: Blame = "lone",
  verb = "died",
): Entry[] {
  const tasks = leaseTasks(lease);
  if (blame === "none" || (blame === "suspected" && !lease.alone) || (blame !== "all" && tasks !== 1)) return [];
  const evalue = `engine ${judging.engine.id} ${verb}: ${reason}`.slice(0, Math.floor(IMPOSSIBLE_CHARS / tasks));
  const error: EncodedError = { code: "EngineError", ename: "EngineError", evalue };
  if (OUT_OF_MEMORY.test(reason)) error.memory = true;
  const told = Array.from(indexesOf(leaseRanges(lease)), (index): ToldEntry => {
    return { index, status: "lost", error, completed: judging.now };
  });
  return settle(lease, told, judging);
}

/** A run to be queued: at once, or from `due` on. */
export interface Requeued {
  hint: Hint;
  due?: number | undefined;
}

/**
 * What a settled lease leaves to do, from its page alone: retries, and the tasks that it neither tells of nor leaves running.
 * Whoever reads the page comes to the same, so a scheduler that died here is made good by any other.
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
  const groups = new Map<string, { entry: Entry; runs: LeaseRun[]; queue: string }>();
  for (const entry of page.entries) {
    if (entry.final) continue;
    const queue = classAfter(lease.queue, page, entry);
    const name = `${entry.due}/${isAnotherAttempt(entry)}/${queue}`;
    const group = groups.get(name) ?? { entry, runs: [], queue };
    groups.set(name, group);
    const attempt = entry.attempt + (isAnotherAttempt(entry) ? 1 : 0);
    const last = group.runs.at(-1);
    if (last && last.to === entry.index && last.attempt === attempt) last.to++;
    else group.runs.push({ from: entry.index, to: entry.index + 1, attempt });
  }
  for (const { entry, runs, queue } of groups.values()) {
    const { due } = entry;
    const tasks = leaseTasks({ runs });
    // What was refused or escalated keeps its place, and cannot meet the same engine again.
    const again = isAnotherAttempt(entry);
    const queued = again ? Math.max(now, due ?? now) : lease.queued;
    const run = again ? { runs, hop, avoid: page.engine } : { runs, hop };
    requeued.push({ due, hint: { ...about, queue, queued, tasks, scheme, run } });
  }
  const told = rangesOf(page.entries.map((entry) => entry.index));
  const left = withoutRanges(withoutRanges(leaseRanges(lease), told), mergedRanges(page.running ?? []));
  if (left.length > 0) {
    const runs = runsWithin(lease.runs, left);
    const tasks = leaseTasks({ runs });
    const atMost = page.revoked ? Math.ceil(tasks / SUSPECT_PIECES) : undefined;
    requeued.push({ hint: { ...about, queued: lease.queued, tasks, scheme, run: { runs, hop, atMost } } });
  }
  return requeued;
}

/** Claims that what follows the entry is an attempt of its own. */
export function isAnotherAttempt(entry: Pick<Entry, "status" | "up">): boolean {
  return entry.status !== "unmet" && entry.up === undefined;
}

import type { JobFlags } from "../protocol/flags.ts";
import { mergedRanges, rangesOf, withoutRanges } from "../protocol/index-ranges.ts";
import type { EncodedError, Entry, EntryStatus, OutcomePage } from "../protocol/outcome-page.ts";
import type { Hint } from "./hint.ts";
import { attemptIn, firstIndex, type Lease, type LeaseRun, leaseRanges, leaseTasks, runsWithin } from "./lease.ts";
import { afterAttempt } from "./retry.ts";

/** Most pieces into which the tasks of a lost lease are cut: few crashes find the culprit, few leases run the innocent. */
const SUSPECT_PIECES = 8;

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

/** Judges what an engine told of a lease: numbers each attempt and says whether it is the last. One due time per attempt number, so that the retries of a lease stay one run. */
export function settle(
  lease: Lease,
  told: readonly ToldEntry[],
  flags: JobFlags,
  now: number,
  random: () => number,
  deadlineAt?: number,
): Entry[] {
  const dueOf = new Map<number, number | undefined>();
  return told.map((entry) => {
    const attempt = attemptIn(lease, entry.index) ?? 1;
    const after = afterAttempt(entry, attempt, flags, now, random);
    const judged: Entry = { ...definedFields(entry), attempt, final: after.final };
    if (!after.final && after.due !== undefined) {
      if (!dueOf.has(attempt)) dueOf.set(attempt, Math.min(after.due, deadlineAt ?? after.due));
      const due = dueOf.get(attempt);
      if (due !== undefined) judged.due = due;
    }
    return judged;
  });
}

function definedFields(entry: ToldEntry): Omit<Entry, "attempt" | "final"> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(entry)) if (value !== undefined) fields[name] = value;
  return fields as Omit<Entry, "attempt" | "final">;
}

/**
 * What a lost lease is put down as: a task that died alone has spent an attempt, several are innocent until one
 * dies alone. A task may start more than `retries + 1` times only so.
 */
export function settleLost(
  lease: Lease,
  engine: { id: number },
  reason: string,
  flags: JobFlags,
  now: number,
  random: () => number,
  deadlineAt?: number,
): Entry[] {
  if (leaseTasks(lease) !== 1) return [];
  const error: EncodedError = {
    code: "EngineError",
    ename: "EngineError",
    evalue: `engine ${engine.id} died: ${reason}`,
  };
  const told: ToldEntry = { index: firstIndex(lease), status: "lost", error, completed: now };
  return settle(lease, [told], flags, now, random, deadlineAt);
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
  page: Pick<OutcomePage, "engine" | "revoked" | "entries" | "running">,
  job: { tasks: number; specBytes: number; flags: JobFlags },
  now: number,
): Requeued[] {
  const hop = lease.hop + 1;
  const about = { job: lease.job, queue: lease.queue, priority: lease.priority, specBytes: job.specBytes };
  const scheme = job.flags.scheme;
  const requeued: Requeued[] = [];
  const byDue = new Map<number | undefined, LeaseRun[]>();
  for (const entry of page.entries) {
    if (entry.final) continue;
    const runs = byDue.get(entry.due) ?? [];
    byDue.set(entry.due, runs);
    const last = runs.at(-1);
    if (last && last.to === entry.index && last.attempt === entry.attempt + 1) last.to++;
    else runs.push({ from: entry.index, to: entry.index + 1, attempt: entry.attempt + 1 });
  }
  for (const [due, runs] of byDue) {
    const queued = Math.max(now, due ?? now);
    const run = { runs, hop, avoid: page.engine };
    requeued.push({ due, hint: { ...about, queued, tasks: leaseTasks({ runs }), scheme, run } });
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

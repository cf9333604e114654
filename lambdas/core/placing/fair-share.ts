import type { HighWaterMark } from "../../protocol/flags.ts";
import { type Lease, leaseTasks } from "../lease.ts";
import type { QueueEntry } from "../queue-entry.ts";

/**
 * How much engine capacity each job holds: its number of leases, or, under an explicit high-water mark, which
 * limits the tasks of an engine, its number of leased tasks.
 */
export type HeldByJob = ReadonlyMap<string, number>;

/** Counts what each job holds in these leases. */
export function heldByJob(leases: Iterable<Lease>, hwm: HighWaterMark): Map<string, number> {
  const held = new Map<string, number>();
  for (const lease of leases) {
    const units = typeof hwm === "number" && hwm > 0 ? leaseTasks(lease) : 1;
    held.set(lease.job, (held.get(lease.job) ?? 0) + units);
  }
  return held;
}

/** The jobs that compete for the next lease: those with entries of the first entry's priority, in queue order. */
export function competingJobs(entries: readonly QueueEntry[]): string[] {
  const [first] = entries;
  return [...new Set(entries.filter(({ priority }) => priority === first?.priority).map(({ job }) => job))];
}

/**
 * The entry from which an engine takes its next lease: the first entry of the competing job that holds the least. If
 * several jobs do, it is the one that follows the engine's last job in the queue, so that they take turns.
 *
 * @param entries the entries for which the engine is eligible, in queue order
 * @param held what the jobs hold, without the lease that has just ended
 * @param last the job of that lease; `undefined` if there is none
 */
export function entryInTurn(
  entries: readonly QueueEntry[],
  held: HeldByJob,
  last: string | undefined,
): QueueEntry | undefined {
  const jobs = competingJobs(entries);
  const least = Math.min(...jobs.map((job) => held.get(job) ?? 0));
  const at = last === undefined ? -1 : jobs.indexOf(last);
  const inTurn = [...jobs.slice(at + 1), ...jobs.slice(0, at + 1)];
  const next = inTurn.find((job) => (held.get(job) ?? 0) === least);
  return entries.find(({ job }) => job === next);
}

/**
 * Divides the engines' free capacity among competing jobs, so that they end up holding equal amounts, as far as
 * each can use its share and does not already hold more. A remainder goes to the first jobs, one each.
 *
 * @param jobs in queue order, with the maximum that each can use
 * @param held what they hold already
 * @param room how much more the engines can hold
 * @returns how much more each job may get
 */
export function fairParts(jobs: ReadonlyMap<string, number>, held: HeldByJob, room: number): Map<string, number> {
  const partsAt = (level: number) =>
    new Map([...jobs].map(([job, wanted]) => [job, Math.max(0, Math.min(wanted, level - (held.get(job) ?? 0)))]));
  const total = (parts: ReadonlyMap<string, number>) => [...parts.values()].reduce((sum, part) => sum + part, 0);
  let low = 0;
  let past = room + Math.max(0, ...[...jobs.keys()].map((job) => held.get(job) ?? 0)) + 1;
  while (past - low > 1) {
    const level = Math.floor((low + past) / 2);
    if (total(partsAt(level)) <= room) low = level;
    else past = level;
  }
  const parts = partsAt(low);
  let left = room - total(parts);
  for (const [job, more] of partsAt(low + 1)) {
    const part = parts.get(job) ?? 0;
    if (left === 0 || more === part) continue;
    parts.set(job, more);
    left -= 1;
  }
  return parts;
}

import type { HighWaterMark } from "../../protocol/flags.ts";
import { type Lease, leaseTasks } from "../lease.ts";
import type { QueueEntry } from "../queue-entry.ts";

/**
 * How much of the engines each job holds: the number of its leases, or under an explicit high-water mark, which limits
 * an engine's tasks, the number of its tasks in leases.
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

/** The jobs that compete for the next lease: those whose entries have the priority of the first, in queue order. */
export function competingJobs(entries: readonly QueueEntry[]): string[] {
  const [first] = entries;
  return [...new Set(entries.filter(({ priority }) => priority === first?.priority).map(({ job }) => job))];
}

/**
 * The entry from which an engine takes its next lease. Of the jobs that compete, the one that holds least is next; of
 * several such jobs, the one that follows the engine's last job in the queue, so that they take turns. Within a job, the
 * first entry is next.
 *
 * @param entries the entries for which the engine is eligible, in queue order
 * @param held what the jobs hold without the lease that has just ended
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
 * Divides the engines' room among jobs that compete for it, so that they come to hold equally much, as far as they want
 * it and their number allows. What cannot be divided goes to the first jobs.
 *
 * @param jobs in queue order, with the most that each can use
 * @param held what they hold already
 * @param room how much more the engines can hold
 * @returns how much each job may get
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

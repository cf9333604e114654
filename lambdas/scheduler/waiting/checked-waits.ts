import type { DependencyAtRest, ParentRange, WaitGroup } from "../../protocol/dependency.ts";
import { Refused } from "../../protocol/errors.ts";
import { type IndexRange, mergedRanges } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { jobKey } from "../../protocol/rows.ts";
import type { SubmittedJob } from "../../protocol/scheduler-messages.ts";
import { isJobId } from "../../protocol/task-id.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { headerOf } from "../rows/job-row.ts";

/**
 * Checks the dependencies of jobs and replaces each job's own id in its groups by an empty one. A group that depends on
 * a task that does not exist, on itself or on a later task of its own job becomes invalid: its tasks end at once; the
 * job's other tasks do not. Under "any", an `after` drops missing parents as long as others remain.
 *
 * @throws Refused if a job's groups are out of order, or lie outside its waiting tasks
 */
export async function withCheckedWaits<Job extends SubmittedJob>(
  cluster: StoreAccess,
  jobs: readonly Job[],
): Promise<Job[]> {
  if (jobs.every(({ waits }) => waits === undefined)) return [...jobs];
  const sizes = new Map(jobs.map(({ header }) => [header.id, header.tasks]));
  const wanted = new Set<string>();
  for (const { header, waits = [] } of jobs) {
    checkOrder(header, waits);
    for (const group of waits)
      for (const { on } of dependenciesOf(group))
        for (const [job] of on) if (job !== "" && !sizes.has(job) && isJobId(job)) wanted.add(job);
  }
  const rows = await cluster.store.read([...wanted].map(jobKey));
  for (const row of rows) if (row) sizes.set(headerOf(row).id, headerOf(row).tasks);
  return jobs.map((job) => {
    if (job.waits === undefined) return job;
    return { ...job, waits: job.waits.map((group) => checkedGroup(job.header, group, sizes)) };
  });
}

function checkOrder({ id, tasks, free = tasks }: JobHeader, waits: readonly WaitGroup[]): void {
  let at = free;
  for (const { from, to } of waits) {
    if (to <= from)
      throw new Refused(
        `job ${id}: the wait group at task ${from} has no tasks. This is a bug in fantail: please report it`,
      );
    const named = `job ${id}: the wait group of tasks ${from} to ${to - 1}`;
    if (from < free || to > tasks)
      throw new Refused(
        `${named} includes tasks that may not wait: ${free < tasks ? `only tasks ${free} to ${tasks - 1} may` : "no task of this job may"}. This is a bug in fantail: please report it`,
      );
    if (from < at)
      throw new Refused(
        `${named} must begin after task ${at - 1}, the last of the group before it. This is a bug in fantail: please report it`,
      );
    at = to;
  }
}

function dependenciesOf(group: WaitGroup): DependencyAtRest[] {
  return group.follow ? [...group.after, group.follow] : group.after;
}

function checkedGroup(header: JobHeader, group: WaitGroup, sizes: ReadonlyMap<string, number>): WaitGroup {
  // A resubmitted group may already be invalid.
  if (group.invalid !== undefined) return group;
  const { from, to, takes } = group;
  const invalid: string[] = [];
  const checked = (dependency: DependencyAtRest, isLocation: boolean): DependencyAtRest => {
    const why: string[] = [];
    const ranges = new Map<string, IndexRange[]>();
    for (const [named, first, past] of dependency.on) {
      const job = named === header.id ? "" : named;
      const tasks = job === "" ? header.tasks : sizes.get(job);
      const end = Math.min(past, tasks ?? 0);
      if (tasks === undefined) why.push(`job ${named} is not known`);
      else if (first >= end) why.push(`job ${named || header.id} has no task ${first}: it has ${tasks} tasks`);
      else if (job === "" && end > from) invalid.push("it depends on itself, or on a later task of its own job");
      else ranges.set(job, [...(ranges.get(job) ?? []), [first, end]]);
    }
    // A parent that does not exist cannot meet a dependency. Under "any" the others of an `after` still can, as in
    // ipyparallel.
    if (dependency.all || isLocation || ranges.size === 0) invalid.push(...why);
    const on = [...ranges].flatMap(([job, some]) => mergedRanges(some).map(([a, b]): ParentRange => [job, a, b]));
    return { ...dependency, on };
  };
  const after = group.after.map((dependency) => checked(dependency, false));
  const follow = group.follow && checked(group.follow, true);
  const claims = takes ? { takes } : {};
  if (invalid.length > 0)
    return { from, to, after: [], ...claims, invalid: [...new Set(invalid)].slice(0, 3).join("; ") };
  return { from, to, after, ...(follow ? { follow } : {}), ...claims };
}

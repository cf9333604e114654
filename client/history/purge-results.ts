import { NotFinished } from "../../lambdas/protocol/errors.ts";
import { countIndexes, type IndexRange, mergedRanges, rangesOf } from "../../lambdas/protocol/index-ranges.ts";
import type { PurgeMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import { refusal } from "../cluster/refusal.ts";
import type { SchedulerFunction } from "../cluster/scheduler-function.ts";
import type { JobRegistry } from "../outcomes/job-registry.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { ResultPart } from "../outcomes/result-part.ts";
import type { UnawaitedFailures } from "../outcomes/unawaited-failures.ts";
import { namedTasks, type Tasks } from "../results/named-tasks.ts";
import { type Waiting, waitForTasks } from "../results/task-wait.ts";
import { type Listing, SEARCH_DAYS } from "./hub-history.ts";
import { jobsBetween } from "./job-days.ts";

const DAY_MS = 86_400_000;

/** Maximum number of jobs in one message: the scheduler reads and deletes all rows of each. */
const MESSAGE_JOBS = 10;

/** The parts of a client that delete tasks, in the cluster and in the client itself. */
export interface Purging extends Listing, Waiting {
  scheduler: SchedulerFunction;
  jobs: JobRegistry;
  unawaited: UnawaitedFailures;
}

/** Deletes finished tasks, or everything that has finished. */
export async function purgeResults(ports: Purging, tasks: Tasks | "all"): Promise<void> {
  await ports.submitter.settled();
  const parts = tasks === "all" ? await finishedParts(ports) : await finished(ports, await namedTasks(ports, tasks));
  const jobs = new Map<JobOutcomes, IndexRange[]>();
  for (const { outcomes, from, to } of parts) jobs.set(outcomes, [...(jobs.get(outcomes) ?? []), [from, to]]);
  const all = [...jobs].map(([outcomes, ranges]) => ({ outcomes, ranges: mergedRanges(ranges) }));
  for (let at = 0; at < all.length; at += MESSAGE_JOBS) await send(ports, all.slice(at, at + MESSAGE_JOBS));
}

async function send(ports: Purging, jobs: readonly { outcomes: JobOutcomes; ranges: IndexRange[] }[]): Promise<void> {
  const message: PurgeMessage = {
    type: "purge",
    jobs: jobs.map(({ outcomes: { job }, ranges }) => ({ job, ranges: ranges.map(([from, to]) => [from, to]) })),
  };
  const answer = await ports.scheduler.ask(JSON.stringify(message));
  if (answer.type === "error") throw refusal(answer);
  for (const { outcomes, ranges } of jobs) {
    for (const [from, to] of ranges) ports.unawaited.read(outcomes.job, from, to);
    outcomes.purged = mergedRanges([...outcomes.purged, ...ranges]);
    if (countIndexes(outcomes.purged) === outcomes.header?.tasks) ports.jobs.forget(outcomes.job);
  }
}

async function finished(ports: Purging, parts: readonly ResultPart[]): Promise<readonly ResultPart[]> {
  await waitForTasks(ports, parts, { timeoutMs: 0 });
  for (const { outcomes, from, to } of parts)
    for (let task = from; task < to; task++)
      if (!outcomes.isFinal(task)) throw new NotFinished(taskId(outcomes.job, task));
  return parts;
}

/** All finished tasks that any client submitted in the last `SEARCH_DAYS` days. */
async function finishedParts(ports: Purging): Promise<ResultPart[]> {
  const now = ports.clock.now();
  const parts: ResultPart[] = [];
  for (const { job } of await jobsBetween(ports.cloud, now - SEARCH_DAYS * DAY_MS, now + DAY_MS)) {
    const outcomes = await ports.jobs.find(job);
    if (!outcomes?.header || outcomes.failure) continue;
    const { tasks } = outcomes.header;
    await waitForTasks(ports, [{ outcomes, from: 0, to: tasks }], { timeoutMs: 0 });
    const ended = Array.from({ length: tasks }, (_, task) => task).filter((task) => outcomes.isFinal(task));
    for (const [from, to] of rangesOf(ended)) parts.push({ outcomes, from, to });
  }
  return parts;
}

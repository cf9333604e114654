import { taskId } from "../../lambdas/protocol/task-id.ts";
import { abortable } from "../cluster/abortable.ts";
import { checkedId, idList } from "../flags/checked-id.ts";
import type { WaitOptions } from "../flags/wait-options.ts";
import type { Outstanding } from "../outcomes/final-poll.ts";
import type { JobRegistry } from "../outcomes/job-registry.ts";
import type { ResultPart } from "../outcomes/result-part.ts";
import type { UnawaitedFailures } from "../outcomes/unawaited-failures.ts";
import { AsyncResult } from "./async-result.ts";
import { tasksNamed } from "./get-result.ts";
import { INSIDE } from "./result-facts.ts";
import { type TimelineBar, type TimelinePorts, timeline } from "./result-timeline.ts";
import { type Waiting, waitForTasks } from "./task-wait.ts";

/** Tasks, given as a task id, a job id, a result, or a list of ids and results. */
export type Tasks = string | AsyncResult<unknown, unknown> | readonly (string | AsyncResult<unknown, unknown>)[];

/** The parts of a client that find tasks by id. */
interface Naming {
  jobs: JobRegistry;
}

/** The parts of a client that `waitFor` uses. `history` lists the tasks to wait for if none are named. */
export interface WaitingForAll extends Naming, Waiting {
  history: { outstanding(): Outstanding[] };
}

/** The parts of a client that look up outcomes. */
interface Judging extends Naming, Waiting {
  unawaited: UnawaitedFailures;
}

/**
 * Finds the tasks that ids and results name.
 *
 * @throws InvalidId, UnknownTask
 */
export async function namedTasks(naming: Naming, tasks: Tasks): Promise<ResultPart[]> {
  const all = tasks instanceof AsyncResult ? [tasks] : idList(tasks);
  const results = all.filter((one): one is AsyncResult<unknown, unknown> => one instanceof AsyncResult);
  const ids = all.filter((one) => !(one instanceof AsyncResult)).map(checkedId);
  const parts = await Promise.all([tasksNamed(naming, ids), ...results.map(tasksOfResult)]);
  return parts.flat();
}

async function tasksOfResult(result: AsyncResult<unknown, unknown>): Promise<readonly ResultPart[]> {
  const { items } = await result[INSIDE].reader.load();
  return items.parts;
}

/**
 * Waits for tasks, by default for all that this client has submitted. Resolves to whether all of them finished in time.
 */
export function waitFor(ports: WaitingForAll, tasks: Tasks | undefined, options: WaitOptions): Promise<boolean> {
  return abortable(options.signal, async () => {
    const parts = tasks === undefined ? await outstandingParts(ports) : await namedTasks(ports, tasks);
    return waitForTasks(ports, parts, options);
  });
}

async function outstandingParts({ history, jobs: registry }: WaitingForAll): Promise<ResultPart[]> {
  const jobs = history.outstanding().map(async ({ job, ranges }): Promise<ResultPart[]> => {
    const outcomes = await registry.load(job);
    return ranges.map(([from, to]) => ({ outcomes, from, to }));
  });
  return (await Promise.all(jobs)).flat();
}

/** Returns the timeline of tasks and writes it to a file if one is named. Polls once. */
export function timelineOf(ports: Judging & TimelinePorts, tasks: Tasks, file?: string): Promise<TimelineBar[]> {
  return timeline(ports, file, async () => {
    const parts = await namedTasks(ports, tasks);
    await waitForTasks(ports, parts, { timeoutMs: 0 });
    return parts;
  });
}

/** Ids of finished and unfinished tasks, each id once. */
export interface ResultStatus {
  /** Tasks without an outcome. */
  pending: string[];
  /** Tasks with any outcome. */
  completed: string[];
  /** The tasks of `completed` that did not succeed. */
  failed: string[];
}

/** Polls once and lists which tasks have finished and which have succeeded. */
export async function resultStatus(ports: Judging, tasks: Tasks): Promise<ResultStatus> {
  const parts = await namedTasks(ports, tasks);
  await waitForTasks(ports, parts, { timeoutMs: 0 });
  const sets = { pending: new Set<string>(), completed: new Set<string>(), failed: new Set<string>() };
  for (const { outcomes, from, to } of parts)
    for (let task = from; task < to; task++) {
      const id = taskId(outcomes.job, task);
      sets[outcomes.isFinal(task) ? "completed" : "pending"].add(id);
      if (outcomes.isFinal(task) && !outcomes.isOk(task)) {
        ports.unawaited.read(outcomes.job, task, task + 1);
        sets.failed.add(id);
      }
    }
  return { pending: [...sets.pending], completed: [...sets.completed], failed: [...sets.failed] };
}

import { countIndexes, indexesOf } from "../../lambdas/protocol/index-ranges.ts";
import type { QueueStatus as SchedulerQueue, TaskRanges } from "../../lambdas/protocol/scheduler-answer.ts";
import type { QueueMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { CloudPort } from "./cloud-port.ts";
import type { Asking } from "./engine-roster.ts";
import type { KnownCluster } from "./known-cluster.ts";
import { unexpectedAnswer } from "./refusal.ts";

/** The queue and the engines' tasks. `Tasks` is a count, or with `verbose` a list of task ids. */
export interface QueueStatus<Tasks = number> {
  /** Ready tasks that no engine has: they are queued, or their retry is not due yet. */
  unassigned: Tasks;
  /** Tasks waiting on dependencies. */
  waiting: Tasks;
  /** The engines' tasks, by engine id. */
  engines: Record<number, EngineQueue<Tasks>>;
}

/** The tasks of one engine. */
interface EngineQueue<Tasks = number> {
  /** Tasks that the engine holds: the running one and the next ones. */
  tasks: Tasks;
  /** Number of attempts that the engine has finished, whatever their outcome, since the cluster was created. */
  completed: number;
  /** Number of tasks that the engine holds. */
  load: number;
}

/**
 * Options of `queueStatus`.
 *
 * @example
 * await client.queueStatus({ verbose: true, targets: "gpu" });
 */
export interface QueueOptions {
  /** Whether to list task ids instead of counts. Default false. */
  verbose?: boolean | undefined;
  /** Only these engines: ids, or the name of a pool. Default: all. */
  targets?: number | readonly number[] | string | undefined;
}

/** Asks the scheduler for its queue and for the engines' tasks. */
export async function askQueue(scheduler: Pick<CloudPort, "ask">): Promise<SchedulerQueue> {
  const answer = await scheduler.ask(JSON.stringify({ type: "queue" } satisfies QueueMessage));
  if (answer.type !== "queue") throw unexpectedAnswer("queue", answer);
  return answer.queue;
}

/** @see Client.queueStatus */
export async function queueStatus(ports: Asking, options: QueueOptions): Promise<QueueStatus<number | string[]>> {
  await ports.submitter.settled();
  const { unassigned, waiting, engines } = await askQueue(ports.scheduler);
  const tasksOf = options.verbose ? idsOf : countOf;
  const wanted = wantedEngines(ports.cluster, options.targets);
  const status: QueueStatus<number | string[]> = {
    unassigned: tasksOf(unassigned),
    waiting: tasksOf(waiting),
    engines: {},
  };
  for (const { id, tasks, completed } of engines)
    if (!wanted || wanted.has(id)) status.engines[id] = { tasks: tasksOf(tasks), completed, load: countOf(tasks) };
  return status;
}

function wantedEngines(cluster: KnownCluster, targets: QueueOptions["targets"]): ReadonlySet<number> | undefined {
  if (targets === undefined) return undefined;
  if (typeof targets === "string") return new Set(cluster.ids(targets));
  return new Set(typeof targets === "number" ? [targets] : targets);
}

function countOf(tasks: readonly TaskRanges[]): number {
  return tasks.reduce((sum, { ranges }) => sum + countIndexes(ranges), 0);
}

function idsOf(tasks: readonly TaskRanges[]): string[] {
  return tasks.flatMap(({ job, ranges }) => [...indexesOf(ranges)].map((index) => taskId(job, index)));
}

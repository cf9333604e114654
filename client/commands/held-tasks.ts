import { indexesOf } from "../../lambdas/protocol/index-ranges.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import { askStatus } from "../cluster/engine-roster.ts";
import { askQueue } from "../cluster/queue-status.ts";

/** Where a task is running, and since about when, in epoch milliseconds. */
export interface HeldTask {
  engineId: number;
  /**
   * When the engine last got tasks; undefined if that is unknown. It stands in for the task's start, which the engine
   * reports only with the outcome.
   */
  since: number | undefined;
}

/** The tasks that engines hold at present, by task id. */
export async function heldTasks(cloud: Pick<CloudPort, "ask">): Promise<ReadonlyMap<string, HeldTask>> {
  const [{ engines: roster }, queue] = await Promise.all([askStatus(cloud, { type: "status" }), askQueue(cloud)]);
  const assigned = new Map(roster.map((engine) => [engine.id, engine.assigned]));
  return new Map(
    queue.engines.flatMap(({ id: engineId, tasks }) =>
      tasks.flatMap(({ job, ranges }) => {
        const held = { engineId, since: assigned.get(engineId) || undefined };
        return [...indexesOf(ranges)].map((index) => [taskId(job, index), held] as const);
      }),
    ),
  );
}

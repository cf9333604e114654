import { parseTaskId } from "../../lambdas/protocol/task-id.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import { readArguments } from "../outcomes/argument-reader.ts";
import type { JobRegistry } from "../outcomes/job-registry.ts";
import { type Describing, taskMetadata } from "../results/result-metadata.ts";
import { shownArguments } from "../results/shown-arguments.ts";
import { type Waiting, waitForTasks } from "../results/task-wait.ts";
import type { TaskDetails } from "./live-data.ts";

/** The parts of a client that describe a task. */
export interface TaskPorts extends Describing, Waiting {
  jobs: JobRegistry;
  cloud: CloudPort;
}

/**
 * Reads everything about a task.
 *
 * @throws InvalidId, UnknownTask
 */
export async function taskDetails(ports: TaskPorts, id: string): Promise<TaskDetails> {
  const { job, index } = parseTaskId(id);
  const outcomes = await ports.jobs.load(job);
  await waitForTasks(ports, [{ outcomes, from: index, to: index + 1 }], { timeoutMs: 0 });
  const [links, args] = await Promise.all([
    ports.links.of(outcomes),
    readArguments(ports.cloud, outcomes, [index]).then((found) => found.get(index)),
  ]);
  const found = taskMetadata(ports.cluster, outcomes, index, links(index));
  return {
    id,
    status: found.status,
    args: (args === undefined ? undefined : shownArguments(args, outcomes.header?.chunked === true)) ?? "",
    attempts: found.attempts.map(({ status, engineId, started, completed, error, stdout, stderr }) => ({
      ...{ status, engine: engineId ?? null, stdout, stderr },
      started: started?.getTime() ?? null,
      completed: completed?.getTime() ?? null,
      error: textOf(error),
    })),
    ...{ refusedBy: found.refusedBy, after: found.after, follow: found.follow },
    resubmitted: found.resubmitted ?? null,
    resubmitOf: found.resubmitOf ?? null,
    error: found.attempts.length === 0 ? textOf(found.error) : null,
  };
}

function textOf(error: Error | undefined): string | null {
  return error ? (error.stack ?? error.message) : null;
}

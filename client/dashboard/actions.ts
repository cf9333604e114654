import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import { type Aborting, abortTasks } from "../outcomes/abort-report.ts";
import type { UnawaitedFailures } from "../outcomes/unawaited-failures.ts";
import type { Finding } from "../results/get-result.ts";
import { namedTasks, resultStatus } from "../results/named-tasks.ts";
import type { Waiting } from "../results/task-wait.ts";
import { type Resubmitting, resubmit } from "../submit/resubmit.ts";

/** The parts of a client that abort and resubmit tasks. */
export interface ActionPorts extends Aborting, Resubmitting, Finding, Waiting {
  unawaited: UnawaitedFailures;
}

/**
 * Aborts a job or a task. Returns a sentence that describes the effect.
 *
 * @throws InvalidId, UnknownTask
 */
export async function abortById(ports: ActionPorts, id: string): Promise<string> {
  const { aborted, stopping, ended } = await abortTasks(ports, await namedTasks(ports, id));
  return `aborted: ${aborted.length}, still stopping: ${stopping.length}, had already ended: ${ended.length}`;
}

/**
 * Resubmits a job or a task. Returns the id of the new job.
 *
 * @param failed whether to resubmit only the tasks that have failed
 * @throws InvalidId, UnknownTask; NotFinished for a task without an outcome; FantailError if no task has failed
 */
export async function resubmitById(ports: ActionPorts, id: string, failed: boolean): Promise<string> {
  const ids = failed ? (await resultStatus(ports, id)).failed : id;
  if (ids.length === 0) throw new FantailError("no task has failed, so none was resubmitted");
  const result = ports.results.of<unknown, unknown>(resubmit(ports, ids, {}));
  // Nobody awaits the outcome here.
  result.catch(() => {});
  await result.info();
  return (result.jobId ?? "").split(".")[0] ?? "";
}

import { ClusterError } from "../../lambdas/protocol/errors.ts";
import type { EncodedError } from "../../lambdas/protocol/outcome-page.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import { decodeThrown } from "../../lambdas/protocol/thrown.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import { attemptError } from "./attempt-error.ts";
import { missingFileAdvice } from "./missing-file.ts";

type TaskOutcome = { outcomes: JobOutcomes; task: number };

/**
 * Builds the error of an item whose task failed as a whole.
 *
 * @param item name of the item, for the message
 */
export function taskError({ outcomes, task }: TaskOutcome, item: string | undefined): Error {
  const record = outcomes.final(task);
  const id = taskId(outcomes.job, task);
  const error = record && attemptError(record, id, outcomes.callOf(task), item);
  const unreadable = `task ${id} has ended, but its outcome cannot be read`;
  return error ?? new ClusterError(`${unreadable}: use one version of fantail for client and cluster`);
}

/** Builds the error of one failed item of a chunk. */
export function itemError({ outcomes, task }: TaskOutcome, error: EncodedError, item: string | undefined): Error {
  return decodeThrown(error, {
    taskId: taskId(outcomes.job, task),
    engineId: outcomes.final(task)?.engine,
    submittedAt: outcomes.callOf(task),
    item,
    adviceOf: missingFileAdvice,
  });
}

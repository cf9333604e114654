import { createHash } from "node:crypto";
import { keyedJobId } from "../../lambdas/protocol/idempotency-key.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { Flags } from "../flags/flags.ts";
import type { JobRegistry } from "../outcomes/job-registry.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { LoadedSource, ResultSource } from "../outcomes/result-source.ts";

/**
 * The job id of a view's idempotency key; `undefined` if it has none, or if its signal is already aborted and nothing
 * will be submitted.
 */
export function keyedJob({ idempotencyKey, signal }: Flags): string | undefined {
  if (idempotencyKey === undefined || signal?.aborted) return undefined;
  return keyedJobId(createHash("sha256").update(`fantail idempotency key ${idempotencyKey}`).digest());
}

/**
 * The job under the flags' idempotency key, if this process already knows it; undefined if it does not know the job, or
 * if the scheduler refused it.
 */
export function standingJob(jobs: JobRegistry, flags: Flags): JobOutcomes | undefined {
  const job = keyedJob(flags);
  const known = job === undefined ? undefined : jobs.known(job);
  return known?.failure ? undefined : known;
}

/**
 * A call under an idempotency key, as it would be submitted. If another submission under the key came first, its job is
 * used instead.
 */
interface KeyedCall<T> {
  tasks: number;
  isApply?: boolean;
  finish?: ((values: unknown[]) => T) | undefined;
}

/**
 * Builds the result of the job under an idempotency key. The number of tasks is known once the scheduler has answered.
 */
export function keyedResult<T>(
  outcomes: JobOutcomes,
  { tasks, isApply, finish }: KeyedCall<T>,
  { label, ordered, returnExceptions }: Flags,
): ResultSource<T> {
  const { job } = outcomes;
  const loaded = async (): Promise<LoadedSource> => {
    await outcomes.submitted;
    const { header } = outcomes;
    const parts = [{ outcomes, from: 0, to: header?.tasks ?? tasks }];
    return { parts, shape: header?.shape === "apply" ? "value" : "list" };
  };
  const taskIds = Array.from({ length: outcomes.header?.tasks ?? tasks }, (_, index) => taskId(job, index));
  const jobId = isApply ? taskId(job, 0) : job;
  return { loaded, jobId, taskIds, label, ordered, returnExceptions, finish };
}

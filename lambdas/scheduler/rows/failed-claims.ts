import * as v from "valibot";
import type { EncodedError } from "../../protocol/outcome-page.ts";
import { type BodyCodec, bodyCodec } from "../../protocol/row-body.ts";
import { failedClaimsKey } from "../../protocol/rows.ts";
import { shortReason } from "../../protocol/short-reason.ts";
import { readable } from "./readable.ts";
import type { LoggedRows } from "./row-access.ts";

/** Number of claims of a job that may fail with an error that would recur, before the affected tasks are ended. */
const CLAIM_TRIES = 5;

interface FailedClaims {
  times: number;
  /** Why the last claim failed. */
  reason: string;
}

const failedClaims: BodyCodec<FailedClaims> = bodyCodec(v.object({ times: v.number(), reason: v.string() }));

/**
 * Counts a claim of a job's tasks that failed with an error that would recur. Not atomic: two concurrent failures may
 * count as one.
 */
export async function noteFailedClaim(cluster: LoggedRows, job: string, error: unknown): Promise<void> {
  const key = failedClaimsKey(job);
  const [row] = await cluster.store.read([key]);
  const before = row && readable(cluster, row, failedClaims.parse);
  const times = 1 + (before?.times ?? 0);
  await cluster.store.write([{ ...key, body: failedClaims.encode({ times, reason: shortReason(error) }) }]);
}

/** The error with which unclaimable tasks of a job end; `undefined` while claims should still be retried. */
export async function unclaimable(cluster: LoggedRows, job: string): Promise<EncodedError | undefined> {
  const [row] = await cluster.store.read([failedClaimsKey(job)]);
  const failed = row && readable(cluster, row, failedClaims.parse);
  if (!failed || failed.times < CLAIM_TRIES) return undefined;
  const evalue = `the scheduler could not give the task to an engine in ${failed.times} tries: ${failed.reason}`;
  return { code: "EngineError", ename: "EngineError", evalue };
}

import * as v from "valibot";
import type { EncodedError } from "../../protocol/outcome-page.ts";
import { type BodyCodec, bodyCodec } from "../../protocol/row-body.ts";
import { failedClaimsKey } from "../../protocol/rows.ts";
import type { Cluster } from "../cluster.ts";
import { readable } from "./readable.ts";

/** Claims of a job that may fail by themselves before what they would have given ends. */
const CLAIM_TRIES = 5;

/** Of a failure's text. */
const REASON_CHARS = 300;

interface FailedClaims {
  times: number;
  /** Why the last one did. */
  reason: string;
}

const failedClaims: BodyCodec<FailedClaims> = bodyCodec(v.object({ times: v.number(), reason: v.string() }));

/** Notes that a claim of a job has failed, and would fail again. Two at one time may count as one. */
export async function noteFailedClaim(cluster: Cluster, job: string, error: unknown): Promise<void> {
  const key = failedClaimsKey(job);
  const [row] = await cluster.store.read([key]);
  const before = row && readable(cluster, row, failedClaims.parse);
  const times = 1 + (before?.times ?? 0);
  const reason = (String(error).split("\n")[0] ?? "").slice(0, REASON_CHARS);
  await cluster.store.write([{ ...key, body: failedClaims.encode({ times, reason }) }]);
}

/** How tasks of a job end that cannot be claimed; `undefined` as long as that is to be tried again. */
export async function unclaimable(cluster: Cluster, job: string): Promise<EncodedError | undefined> {
  const [row] = await cluster.store.read([failedClaimsKey(job)]);
  const failed = row && readable(cluster, row, failedClaims.parse);
  if (!failed || failed.times < CLAIM_TRIES) return undefined;
  const evalue = `the scheduler could not give the task to an engine in ${failed.times} tries: ${failed.reason}`;
  return { code: "EngineError", ename: "EngineError", evalue };
}

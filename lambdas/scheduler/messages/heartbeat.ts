import { parseAbortRanges } from "../../core/abort-ranges.ts";
import { attemptIn, type Lease, leaseRanges } from "../../core/lease.ts";
import { type EngineAnswer, refused } from "../../protocol/engine-answer.ts";
import { commonRanges } from "../../protocol/index-ranges.ts";
import { type OutputSoFar, outputRow } from "../../protocol/output-so-far.ts";
import type { HeartbeatMessage } from "../../protocol/report-messages.ts";
import { liveOutputKey, type Row } from "../../protocol/rows.ts";
import type { Clock, StoreAccess } from "../ports/scheduler-ports.ts";
import { readEngine } from "../rows/engine-rows.ts";
import { readJob } from "../rows/job-row.ts";
import { noteHeard } from "../rows/note-heard.ts";
import type { EngineAccess, JobAccess } from "../rows/row-access.ts";
import { watchSweeps } from "../rows/sweep-rule.ts";
import { parkedAborts } from "../waiting/parked-aborts.ts";

/**
 * Confirms the lease of an engine that runs long tasks, and names the tasks to stop. Stores new output in one row per
 * task, which replaces the task's previous row, and records every few seconds that the session has sent a message.
 *
 * Abort ranges are read from the job's row. Abort ranges in the engines' rows would miss tasks that were claimed before
 * the abort and are leased a moment later.
 */
export async function heartbeat(
  cluster: EngineAccess & JobAccess & Clock,
  message: HeartbeatMessage,
): Promise<EngineAnswer> {
  // If no client waits for a job, only heartbeats may notice that sweeps do not run.
  const [engine] = await Promise.all([readEngine(cluster, message.engine), watchSweeps(cluster)]);
  const session = engine?.session;
  const isYours = session?.id === message.session && session.nonce === message.nonce && session.seq === message.seq;
  const lease = engine?.leases[0];
  if (!isYours || session.over !== undefined || !lease) return refused("the lease is not, or no longer, yours");
  const [job] = await Promise.all([
    readJob(cluster, lease.job),
    keepOutput(cluster, lease, message),
    noteHeard(cluster, { ...engine, session }),
  ]);
  const aborting = commonRanges(leaseRanges(lease), parseAbortRanges(job?.aborted).held);
  return {
    type: "alive",
    aborting: aborting.map(([from, to]) => [from, to]),
    ...(await parkedAborts(cluster, engine)),
  };
}

async function keepOutput(cluster: StoreAccess, lease: Lease, { output = [] }: HeartbeatMessage): Promise<void> {
  const rows = output.flatMap(({ index, stdout, stderr }): Row[] => {
    const attempt = attemptIn(lease, index);
    const body: OutputSoFar | undefined = attempt === undefined ? undefined : { attempt, stdout, stderr };
    return body === undefined ? [] : [{ ...liveOutputKey(lease.job, index), body: outputRow.encode(body) }];
  });
  if (rows.length > 0) await cluster.store.write(rows);
}

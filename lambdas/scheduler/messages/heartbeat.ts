import { parseAbortRanges } from "../../core/abort-ranges.ts";
import { attemptIn, type Lease, leaseIndexRanges } from "../../core/lease.ts";
import { heardSession } from "../../core/silence.ts";
import { type EngineAnswer, refused } from "../../protocol/engine-answer.ts";
import { commonRanges } from "../../protocol/index-ranges.ts";
import { type OutputSoFar, outputRow } from "../../protocol/output-so-far.ts";
import type { HeartbeatMessage } from "../../protocol/report-messages.ts";
import { liveOutputKey, type Row } from "../../protocol/rows.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { readEngine, swapEngine } from "../rows/engine-rows.ts";
import { followPages } from "../rows/follow-pages.ts";
import { readJob } from "../rows/job-row.ts";
import { noteHeard } from "../rows/note-heard.ts";
import type { EngineAccess } from "../rows/row-access.ts";
import { watchSweeps } from "../rows/sweep-rule.ts";
import { parkedAborts } from "../waiting/parked-aborts.ts";
import { settlePassed } from "../waiting/settle-ended.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";

/**
 * Confirms the lease of an engine that runs long tasks and names the tasks to stop. Stores new output in one row per
 * task, in place of the task's earlier output, and records every few seconds that the session has sent a message.
 *
 * The abort ranges are read from the job's row. If they were kept in the engines' rows instead, they would miss tasks
 * that are claimed before the abort and leased after it.
 */
export async function heartbeat(
  cluster: EngineAccess & SettlingContext,
  message: HeartbeatMessage,
): Promise<EngineAnswer> {
  // If no client waits for a job, only heartbeats may notice that sweeps do not run.
  const [shown] = await Promise.all([readEngine(cluster, message.engine), watchSweeps(cluster)]);
  const { engine, passed } = shown ? await followPages(cluster, shown) : { engine: undefined, passed: [] };
  const session = engine?.session;
  const isYours = session?.id === message.session && session.nonce === message.nonce && session.seq === message.seq;
  const lease = engine?.leases[0];
  if (!isYours || session.over !== undefined || !lease)
    return refused("the lease is over, or belongs to another invocation");
  await settlePassed(cluster, passed);
  const [job] = await Promise.all([
    readJob(cluster, lease.job),
    keepOutput(cluster, lease, message),
    // If outcome pages have named this lease, it is now written into the engine's row, so that the pages need not be
    // followed again. If others have changed the row meanwhile, the next heartbeat tries again.
    passed.length > 0
      ? swapEngine(cluster, engine, { session: heardSession(session, cluster.now()) })
      : noteHeard(cluster, { ...engine, session }),
  ]);
  const aborting = commonRanges(leaseIndexRanges(lease), parseAbortRanges(job?.aborted).held);
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

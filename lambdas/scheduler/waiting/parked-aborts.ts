import { parseAbortRanges } from "../../core/abort-ranges.ts";
import type { Engine } from "../../core/engine.ts";
import { leaseIndexRanges } from "../../core/lease.ts";
import type { EngineAnswer, ParkedAborts } from "../../protocol/engine-answer.ts";
import { commonRanges } from "../../protocol/index-ranges.ts";
import { jobKey } from "../../protocol/rows.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";

/** An engine's parked tasks that were aborted since they started. Reads the rows of their jobs in one call. */
export async function parkedAborts(cluster: StoreAccess, { parked }: Engine): Promise<{ parked?: ParkedAborts }> {
  const jobs = [...new Set(parked.map(({ job }) => job))];
  if (jobs.length === 0) return {};
  const rows = await cluster.store.read(jobs.map(jobKey));
  const found = jobs.map((job, at) => {
    const { held } = parseAbortRanges(rows[at]?.aborted);
    const own = parked.filter((lease) => lease.job === job).flatMap((lease) => leaseIndexRanges(lease));
    return { job, ranges: commonRanges(own, held).map(([from, to]): [number, number] => [from, to]) };
  });
  const aborts = found.filter(({ ranges }) => ranges.length > 0);
  return aborts.length > 0 ? { parked: aborts } : {};
}

/** The answer to an engine that has parked tasks and, for now, nothing else to run. */
export async function waitingAnswer(cluster: StoreAccess, engine: Engine, seq: number): Promise<EngineAnswer> {
  return { type: "waiting", seq, ...(await parkedAborts(cluster, engine)) };
}

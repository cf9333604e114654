import { parseAbortRanges } from "../../core/abort-ranges.ts";
import type { Engine } from "../../core/engine.ts";
import { leaseRanges } from "../../core/lease.ts";
import type { EngineAnswer, ParkedAborts } from "../../protocol/engine-answer.ts";
import { commonRanges } from "../../protocol/index-ranges.ts";
import { readJob } from "../rows/job-row.ts";
import type { JobAccess } from "../rows/row-access.ts";

/** An engine's parked tasks that were aborted since they started. Reads the row of each of their jobs. */
export async function parkedAborts(cluster: JobAccess, { parked }: Engine): Promise<{ parked?: ParkedAborts }> {
  const jobs = [...new Set(parked.map(({ job }) => job))];
  const found = await Promise.all(
    jobs.map(async (job) => {
      const { held } = parseAbortRanges((await readJob(cluster, job))?.aborted);
      const own = parked.filter((lease) => lease.job === job).flatMap((lease) => leaseRanges(lease));
      return { job, ranges: commonRanges(own, held).map(([from, to]): [number, number] => [from, to]) };
    }),
  );
  const aborts = found.filter(({ ranges }) => ranges.length > 0);
  return aborts.length > 0 ? { parked: aborts } : {};
}

/** The answer to an engine that has parked tasks and, for now, nothing else to run. */
export async function waitingAnswer(cluster: JobAccess, engine: Engine, seq: number): Promise<EngineAnswer> {
  return { type: "waiting", seq, ...(await parkedAborts(cluster, engine)) };
}

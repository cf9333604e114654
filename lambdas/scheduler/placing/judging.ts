import type { Engine } from "../../core/engine.ts";
import type { Judging, ToldEntry } from "../../core/settle.ts";
import type { JobHeader } from "../../protocol/scheduler-messages.ts";
import type { Cluster } from "../cluster.ts";
import { listEngines } from "../rows/engine-rows.ts";
import { deadlineOf } from "../rows/job-row.ts";
import { lackingModules } from "../rows/lacking-pools.ts";

/**
 * What the entries of a lease are judged by. Which engines there are is asked only when something hangs on it: a refusal, or
 * a failure that may go on in a larger pool.
 */
export async function judgingOf(
  cluster: Cluster,
  engine: Engine,
  header: JobHeader,
  told: readonly Pick<ToldEntry, "status" | "error">[],
  now: number,
): Promise<Judging> {
  const { flags } = header;
  if (told.some(({ status }) => status === "unmet" || (flags.escalate && status !== "ok"))) await listEngines(cluster);
  const lacking = told.some(({ error }) => error?.module !== undefined) ? await lackingModules(cluster) : undefined;
  return {
    engine,
    flags,
    lacking,
    roster: cluster.roster,
    now,
    random: cluster.random,
    deadlineAt: deadlineOf(header),
  };
}

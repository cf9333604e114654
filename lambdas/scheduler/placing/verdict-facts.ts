import type { Engine } from "../../core/engine.ts";
import type { AttemptReport, VerdictFacts } from "../../core/settle.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { listEngines } from "../rows/engine-rows.ts";
import { deadlineOf } from "../rows/job-row.ts";
import { lackingModules } from "../rows/lacking-pools.ts";
import type { VerdictContext } from "./placing-context.ts";

/**
 * Collects the facts that decide what follows a lease's attempts. Lists the engines only if they matter: for a refusal,
 * or for a failure that may be retried in a larger pool.
 */
export async function verdictFacts(
  cluster: VerdictContext,
  engine: Engine,
  header: JobHeader,
  reports: readonly Pick<AttemptReport, "status" | "error">[],
  now: number,
): Promise<VerdictFacts> {
  const { flags } = header;
  if (reports.some(({ status }) => status === "unmet" || (flags.escalate && status !== "ok")))
    await listEngines(cluster);
  const lacking = reports.some(({ error }) => error?.module !== undefined) ? await lackingModules(cluster) : undefined;
  return {
    engine,
    flags,
    lacking,
    roster: cluster.memory.fleet.roster,
    now,
    random: cluster.randomness.random,
    deadlineAt: deadlineOf(header),
  };
}

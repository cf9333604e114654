import type { Engine } from "../../core/engine.ts";
import type { Lease } from "../../core/lease.ts";
import { settle } from "../../core/settle.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import type { OutcomePage } from "../../protocol/outcome-page.ts";
import type { ReportedEntry } from "../../protocol/report-messages.ts";
import type { Clock } from "../ports/scheduler-ports.ts";
import type { VerdictContext } from "./placing-context.ts";
import { verdictFacts } from "./verdict-facts.ts";

/** Builds the outcome page for an engine's report on tasks of a lease and decides which attempts are final. */
export async function reportedPage(
  cluster: VerdictContext & Clock,
  engine: Engine,
  lease: Lease,
  header: JobHeader,
  entries: readonly ReportedEntry[],
): Promise<OutcomePage> {
  const received = cluster.now();
  const judging = await verdictFacts(cluster, engine, header, entries, received);
  return {
    engine: engine.id,
    pool: engine.pool,
    generation: engine.generation,
    revoked: false,
    received,
    entries: settle(lease, entries, judging),
  };
}

import pLimit from "p-limit";
import { countIndexes, type IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import { addUsage, noUsage, unpackUsage } from "../../lambdas/protocol/usage.ts";
import type { KnownCluster } from "../cluster/known-cluster.ts";
import type { ConnectedPool } from "../connection/connection.ts";
import { type Cost, costOf } from "../cost/cost.ts";
import type { RegionPrices } from "../cost/price-table.ts";
import type { AttemptRecord } from "../outcomes/attempt-record.ts";
import type { JobRegistry } from "../outcomes/job-registry.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { ResultPart } from "../outcomes/result-part.ts";

/** The fields of pools that the cost depends on. */
type PricedPools = readonly Pick<ConnectedPool, "name" | "memoryMb" | "architecture">[];

/** Price of the attempts' run time at their pools' memory, in US dollars. */
export function runCost(
  attempts: Iterable<Pick<AttemptRecord, "pool" | "started" | "completed">>,
  pools: PricedPools,
  { gbSecond }: Pick<RegionPrices, "gbSecond">,
): number {
  let usd = 0;
  for (const { pool: name, started, completed } of attempts) {
    if (started === undefined || completed === undefined) continue;
    const pool = pools.find((one) => one.name === name);
    const gigabytes = (pool?.memoryMb ?? 0) / 1024;
    usd += ((completed - started) / 1000) * gigabytes * gbSecond[pool?.architecture ?? "arm64"];
  }
  return usd;
}

/** The parts of a client that provide usage and prices. */
export interface Costing {
  jobs: Pick<JobRegistry, "stored">;
  cluster: Pick<KnownCluster, "ledger" | "prices">;
}

/** Number of jobs whose rows are read concurrently. */
const CONCURRENT_JOBS = 8;

/** Computes the cost of the tasks from their recorded usage. Reads the row of each job. */
export async function resultCost({ jobs, cluster }: Costing, parts: readonly ResultPart[]): Promise<Cost> {
  const byJob = new Map<JobOutcomes, IndexRange[]>();
  for (const { outcomes, from, to } of parts) {
    if (outcomes.isWithdrawn) continue;
    const ranges = byJob.get(outcomes);
    if (ranges) ranges.push([from, to]);
    else byJob.set(outcomes, [[from, to]]);
  }
  const limit = pLimit(CONCURRENT_JOBS);
  const read = async ([outcomes, ranges]: [JobOutcomes, IndexRange[]]) => {
    const { used = [] } = outcomes.header?.used ? outcomes.header : ((await jobs.stored(outcomes.job)) ?? {});
    return { outcomes, ranges, stored: unpackUsage(used) };
  };
  const found = await Promise.all([...byJob].map((one) => limit(read, one)));
  cluster.ledger?.charge(found.map(({ outcomes }) => outcomes.job));
  const sum = noUsage();
  for (const { outcomes, ranges, stored } of found) {
    const tasks = countIndexes(ranges);
    const share = tasks / (outcomes.header?.tasks ?? tasks);
    addUsage(sum, outcomes.usedBy(ranges));
    addUsage(sum, stored, share);
    addUsage(sum, cluster.ledger?.of(outcomes.job) ?? noUsage(), share);
  }
  return costOf(sum, cluster.prices);
}

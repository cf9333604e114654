import pLimit from "p-limit";
import { countIndexes, type IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import { addUsage, noUsage, type Usage, unpackUsage } from "../../lambdas/protocol/usage.ts";
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

/** Adds up the usage of tasks, as far as their outcomes and their jobs' rows have been read. */
export function recordedUsage(parts: readonly ResultPart[]): Usage {
  const sum = noUsage();
  for (const [outcomes, ranges] of rangesByJob(parts)) addRecorded(sum, outcomes, ranges);
  return sum;
}

function addRecorded(sum: Usage, outcomes: JobOutcomes, ranges: readonly IndexRange[]): number {
  const tasks = countIndexes(ranges);
  const share = tasks / (outcomes.header?.tasks ?? tasks);
  addUsage(sum, outcomes.usedBy(ranges));
  addUsage(sum, unpackUsage(outcomes.usedAtStart ?? []), share);
  return share;
}

/** The ranges of tasks of each job that was not withdrawn. */
function rangesByJob(parts: readonly ResultPart[]): Map<JobOutcomes, IndexRange[]> {
  const byJob = new Map<JobOutcomes, IndexRange[]>();
  for (const { outcomes, from, to } of parts) {
    if (outcomes.isWithdrawn) continue;
    const ranges = byJob.get(outcomes);
    if (ranges) ranges.push([from, to]);
    else byJob.set(outcomes, [[from, to]]);
  }
  return byJob;
}

/** Computes the cost of tasks from their recorded usage. Reads each job's row unless its usage is known. */
export async function resultCost({ jobs, cluster }: Costing, parts: readonly ResultPart[]): Promise<Cost> {
  const byJob = rangesByJob(parts);
  const limit = pLimit(CONCURRENT_JOBS);
  const read = async (outcomes: JobOutcomes) => {
    outcomes.usedAtStart ??= outcomes.header?.used ?? usedIn(await jobs.stored(outcomes.job));
  };
  await Promise.all([...byJob.keys()].map((one) => limit(read, one)));
  cluster.ledger?.charge([...byJob.keys()].map(({ job }) => job));
  const sum = noUsage();
  for (const [outcomes, ranges] of byJob) {
    const share = addRecorded(sum, outcomes, ranges);
    addUsage(sum, cluster.ledger?.of(outcomes.job) ?? noUsage(), share);
  }
  return costOf(sum, cluster.prices);
}

/** The usage in a job's row; undefined if there is no row. */
function usedIn(header: JobHeader | undefined): readonly number[] | undefined {
  return header && (header.used ?? []);
}

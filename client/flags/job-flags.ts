import * as v from "valibot";
import { JobFlags } from "../../lambdas/protocol/flags.ts";
import { nanoPrices } from "../cost/cost.ts";
import type { RegionPrices } from "../cost/price-table.ts";
import type { Flags } from "./flags.ts";

/**
 * The flags that the scheduler acts on, as they are stored with the job. Equal flags give equal JSON text.
 *
 * @param cluster has the prices at which usage counts toward a budget
 */
export function jobFlags(flags: Flags, cluster: { readonly prices: RegionPrices }): JobFlags {
  const { targets, timeoutMs, runTimeoutMs, deadlineMs, retries, retryOn, backoff, priority, scheme, memoryMb } = flags;
  return v.parse(JobFlags, {
    ...(targets === undefined ? {} : { targets: typeof targets === "string" ? targets : engineIds(targets) }),
    ...(timeoutMs ? { timeoutMs } : {}),
    ...(runTimeoutMs === undefined ? {} : { runTimeoutMs }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(retries ? { retries } : {}),
    ...(retryOn === undefined ? {} : { retryOn }),
    ...(backoff === undefined ? {} : { backoff }),
    ...(priority ? { priority } : {}),
    ...(scheme === undefined ? {} : { scheme }),
    ...(memoryMb === undefined ? {} : { memoryMb }),
    ...(flags.budgetUsd === undefined
      ? {}
      : { budgetUsd: { usd: flags.budgetUsd, prices: nanoPrices(cluster.prices) } }),
    ...(flags.escalate ? { escalate: true } : {}),
    ...(flags.waitForNew ? { waitForNew: true } : {}),
  });
}

/** Returns the engine ids of a `targets` flag, sorted and without duplicates. */
export function engineIds(targets: number | readonly number[]): number[] {
  return typeof targets === "number" ? [targets] : [...new Set(targets)].sort((a, b) => a - b);
}

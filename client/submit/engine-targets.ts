import { InvalidFlag, NoEnginesRegistered } from "../../lambdas/protocol/errors.ts";
import { idsText, rangesOf } from "../../lambdas/protocol/index-ranges.ts";
import type { KnownCluster } from "../cluster/known-cluster.ts";
import type { Flags } from "../flags/flags.ts";
import { engineIds } from "../flags/job-flags.ts";

/**
 * Checks that some known engine could run a view's tasks. If no engines are known, only the scheduler checks.
 *
 * @throws NoEnginesRegistered if `targets` names an engine or pool that does not exist; InvalidFlag if no pool has
 *   `memoryMb`
 */
export function checkTargets(cluster: KnownCluster, { targets, memoryMb }: Flags): void {
  const { pools } = cluster;
  if (pools.length === 0) return;
  const names = pools.map(({ name }) => name).join(", ");
  if (typeof targets === "string" && !pools.some(({ name }) => name === targets)) {
    throw new NoEnginesRegistered(`there is no pool named ${JSON.stringify(targets)}; pools are ${names}`);
  }
  if (targets !== undefined && typeof targets !== "string") {
    const known = cluster.ids();
    const absent = engineIds(targets).filter((id) => !known.includes(id));
    if (absent.length > 0) {
      const ids = idsText(rangesOf(known));
      throw new NoEnginesRegistered(`there is no engine ${absent.join(", ")}; engine ids are ${ids || "none"}`);
    }
  }
  if (memoryMb !== undefined && !pools.some((pool) => pool.memoryMb >= memoryMb)) {
    const largest = Math.max(0, ...pools.map((pool) => pool.memoryMb));
    throw new InvalidFlag("memoryMb", `must be ${largest} or less, the memory of the largest pool, not ${memoryMb}`);
  }
}

/** Number of engines that may run a view's tasks. */
export function eligibleEngines({ pools, engineCount }: KnownCluster, { targets }: Flags): number {
  if (targets === undefined) return engineCount;
  if (typeof targets === "string") return pools.find(({ name }) => name === targets)?.count ?? 0;
  return engineIds(targets).length;
}

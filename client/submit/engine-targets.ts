import { InvalidFlag, NoEnginesRegistered } from "../../lambdas/protocol/errors.ts";
import { idsText, rangesOf } from "../../lambdas/protocol/index-ranges.ts";
import type { KnownCluster } from "../cluster/known-cluster.ts";
import type { Flags } from "../flags/flags.ts";
import { engineIds } from "../flags/job-flags.ts";

/**
 * Checks a view's `targets` and `memoryMb` against the known engines. If none are known, only the scheduler checks
 * them.
 *
 * @throws NoEnginesRegistered if `targets` names an engine or pool that does not exist; InvalidFlag if no pool has
 * `memoryMb`
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

/** Number of engines that a view's `targets` and `memoryMb` allow. */
export function eligibleEngines(cluster: KnownCluster, { targets, memoryMb }: Flags): number {
  const { pools } = cluster;
  const able = pools.filter((pool) => memoryMb === undefined || pool.memoryMb >= memoryMb);
  if (targets !== undefined && typeof targets !== "string") {
    const wanted = engineIds(targets);
    if (able.length === pools.length) return wanted.length;
    const ids = new Set(able.flatMap(({ name }) => cluster.ids(name)));
    return wanted.filter((id) => ids.has(id)).length;
  }
  return able.reduce((sum, { name, count }) => sum + (targets === undefined || name === targets ? count : 0), 0);
}

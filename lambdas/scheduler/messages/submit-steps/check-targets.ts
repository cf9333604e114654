import { QUEUE_NAME_CHARS } from "../../../core/queue-name.ts";
import { eligibleCount } from "../../../core/roster.ts";
import { InvalidFlag, NoEnginesRegistered } from "../../../protocol/errors.ts";
import { holdsIndex, idsText, mergedRanges } from "../../../protocol/index-ranges.ts";
import type { JobHeader } from "../../../protocol/job-header.ts";
import type { RemembersFleet } from "../../memory/fleet-memory.ts";
import type { Configured } from "../../ports/cluster-config.ts";
import { readRoster } from "../../rows/roster-row.ts";
import type { EngineReads } from "../../rows/row-access.ts";

/**
 * Refuses targets that do not exist. If the targets do not match the roster that this process remembers, reads the
 * roster again first.
 *
 * @throws NoEnginesRegistered for an engine or pool that does not exist or a pool without engines, InvalidFlag for a
 *   list of engines that is too long or for more memory than any pool has
 */
export async function checkTargets(cluster: EngineReads & Configured, header: JobHeader, queue: string): Promise<void> {
  if (queue.length > QUEUE_NAME_CHARS)
    throw new InvalidFlag(
      "targets",
      "must be a pool or a shorter list of engines, in which consecutive ids count as one",
    );
  if (!targetFault(cluster, header, queue)) return;
  await readRoster(cluster);
  const fault = targetFault(cluster, header, queue);
  if (fault) throw fault;
}

function targetFault({ fleet: { roster } }: RemembersFleet, { flags }: JobHeader, queue: string): Error | undefined {
  const { targets, memoryMb, waitForNew } = flags;
  const known = mergedRanges(roster.flatMap(({ ids }) => ids));
  const strange = Array.isArray(targets) ? targets.filter((id) => !holdsIndex(known, id)) : [];
  if (strange.length > 0)
    return new NoEnginesRegistered(
      `there is no engine ${strange.slice(0, 10).join(", ")}; engine ids are ${idsText(known) || "none"}`,
    );
  if (typeof targets === "string" && !roster.some(({ name }) => name === targets))
    return new NoEnginesRegistered(
      `there is no pool named ${JSON.stringify(targets)}; pools are ${roster.map(({ name }) => name).join(", ")}`,
    );
  if (waitForNew || eligibleCount(queue, roster) > 0) return undefined;
  if (memoryMb === undefined) return new NoEnginesRegistered(`pool ${targets} has no engines: scale it up`);
  const largest = Math.max(0, ...roster.filter(({ ids }) => ids.length > 0).map((pool) => pool.memoryMb));
  return new InvalidFlag(
    "memoryMb",
    `must be ${largest} or less, the memory of the largest ${targets === undefined ? "pool" : "pool in targets"}, not ${memoryMb}`,
  );
}

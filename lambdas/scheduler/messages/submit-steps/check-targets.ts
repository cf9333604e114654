import { eligibility, QUEUE_NAME_CHARS, queueName } from "../../../core/queue-name.ts";
import { eligibleCount, enginesOf, type Roster } from "../../../core/roster.ts";
import { InvalidFlag, NoEnginesRegistered } from "../../../protocol/errors.ts";
import type { JobFlags } from "../../../protocol/flags.ts";
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
 * @throws NoEnginesRegistered for an engine or pool that does not exist, or if there is no engine to run the job;
 *   InvalidFlag for targets that take too many characters, or whose engines all have less than `memoryMb`
 */
export async function checkTargets(cluster: EngineReads & Configured, header: JobHeader, queue: string): Promise<void> {
  if (queue.length > QUEUE_NAME_CHARS)
    throw new InvalidFlag(
      "targets",
      `must be a pool, or a list of engines that takes at most ${QUEUE_NAME_CHARS} characters as ranges such as 0-3,7: name fewer engines, or consecutive ids`,
    );
  if (!targetFault(cluster, header, queue)) return;
  await readRoster(cluster);
  const fault = targetFault(cluster, header, queue);
  if (fault) throw fault;
}

function targetFault({ memory }: RemembersFleet, { flags }: JobHeader, queue: string): Error | undefined {
  const { roster } = memory.fleet;
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
  const memories = memoriesOf(targets, roster);
  if (memories.length === 0) {
    const place = targets === undefined ? "the cluster" : `pool ${targets}`;
    return new NoEnginesRegistered(`${place} has no engines: scale it up`);
  }
  return new InvalidFlag(
    "memoryMb",
    `must be ${Math.max(...memories)} or less, the memory of the largest pool${targets === undefined ? "" : " in targets"}, not ${memoryMb}`,
  );
}

/** The memory in MB of each pool that has an engine in `targets`. */
function memoriesOf(targets: JobFlags["targets"], roster: Roster): number[] {
  const isTarget = eligibility(queueName({ targets }, []));
  const pools = new Set([...enginesOf(roster)].filter(isTarget).map(({ pool }) => pool));
  return roster.filter(({ name }) => pools.has(name)).map(({ memoryMb }) => memoryMb);
}

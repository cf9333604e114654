import { impossible } from "../../core/impossible.ts";
import type { QueueEntry } from "../../core/queue-entry.ts";
import { hasEligible } from "../../core/roster.ts";
import { readableHeader } from "../rows/job-row.ts";
import { lackingModules } from "../rows/lacking-pools.ts";
import { putUnrun } from "../rows/outcome-rows.ts";
import { settleEnded } from "../waiting/settle-ended.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";
import { claimEntry } from "./claim-entry.ts";

/**
 * Ends queued work that no engine may run, unless its job waits for new engines. Every pass that places work does this,
 * so if a scheduler dies meanwhile, the next pass continues.
 *
 * @returns whether there was any such work
 */
export async function endImpossible(cluster: SettlingContext, entries: readonly QueueEntry[]): Promise<boolean> {
  const isHopeless = new Map<string, boolean>();
  for (const { queue } of entries)
    if (!isHopeless.has(queue)) isHopeless.set(queue, !hasEligible(queue, cluster.memory.fleet.roster));
  let some = false;
  for (const entry of entries) {
    if (!isHopeless.get(entry.queue)) continue;
    const header = await readableHeader(cluster, entry.job);
    if (header?.flags.waitForNew) continue;
    some = true;
    const work = await claimEntry(cluster, entry, entry.tasks);
    if (!work) continue;
    const lacking = await lackingModules(cluster);
    const error = impossible(entry.queue, {
      pools: cluster.memory.fleet.roster,
      memoryMb: header?.flags.memoryMb,
      lacking,
    });
    await settleEnded(cluster, await putUnrun(cluster, { job: entry.job, ...work }, { status: "impossible", error }));
  }
  return some;
}

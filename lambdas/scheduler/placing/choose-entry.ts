import type { Engine } from "../../core/engine.ts";
import type { Lease } from "../../core/lease.ts";
import { competingJobs, entryInTurn, heldByJob } from "../../core/placing/fair-share.ts";
import { entriesFor } from "../../core/placing/pull-work.ts";
import type { QueueEntry } from "../../core/queue-entry.ts";
import type { Clock } from "../ports/scheduler-ports.ts";
import { listEngines } from "../rows/engine-rows.ts";
import type { FleetAccess } from "../rows/row-access.ts";
import { LIST_LASTS_MS } from "./recent-entries.ts";

/**
 * Chooses the queue entry from which a reporting engine takes its next work. If several jobs of the highest priority
 * wait, compares what they hold on the other engines. For this, the engines are listed at most once per `LIST_LASTS_MS`;
 * in between, only changes known to this process are taken into account.
 *
 * @param entries those for which the engine is eligible, in queue order
 * @param claimed leases that were just claimed for the engine
 */
export async function chooseEntry(
  cluster: FleetAccess & Clock,
  engine: Engine,
  entries: readonly QueueEntry[],
  claimed: readonly Lease[] = [],
): Promise<QueueEntry | undefined> {
  const willing = entriesFor(engine, entries, cluster.memory.fleet.roster);
  if (competingJobs(willing).length < 2) return willing[0];
  const others = (await recentEngines(cluster)).filter(({ id }) => id !== engine.id);
  const [running, ...behind] = engine.leases;
  const held = heldByJob([...others.flatMap(({ leases }) => leases), ...behind, ...claimed], cluster.config.hwm);
  return entryInTurn(willing, held, (claimed.at(-1) ?? behind.at(-1) ?? running)?.job);
}

async function recentEngines(cluster: FleetAccess & Clock): Promise<Engine[]> {
  const { fleet } = cluster.memory;
  const now = cluster.now();
  if (!fleet.competing || now >= fleet.competing.until)
    fleet.competing = { engines: await listEngines(cluster), until: now + LIST_LASTS_MS };
  return fleet.competing.engines.map((listed) => {
    const known = fleet.engines.get(listed.id);
    return known && known.rev > listed.rev ? known : listed;
  });
}

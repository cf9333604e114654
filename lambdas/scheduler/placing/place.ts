import type { Engine } from "../../core/engine.ts";
import { type Share, shareWork } from "../../core/placing/push-work.ts";
import type { QueueEntry } from "../../core/queue-entry.ts";
import { ANY_ENGINE, isEligible } from "../../core/queue-name.ts";
import { listEngines, openEngines, swapEngine } from "../rows/engine-rows.ts";
import { ENTRIES_READ, listQueueEntries } from "../rows/queue-rows.ts";
import type { EngineAccess } from "../rows/row-access.ts";
import { assignLeases } from "./assign-leases.ts";
import { claimEntry, offerOf } from "./claim-entry.ts";
import { endImpossible } from "./end-impossible.ts";
import { endOverspent } from "./end-overspent.ts";
import type { PlacingContext, SharingContext } from "./placing-context.ts";

/**
 * Maximum number of rounds in one pass, high enough that it only ends an infinite loop: stopping early would strand
 * requeued work. More than a few rounds are needed only while other schedulers place at the same moment, or with
 * hundreds of jobs.
 */
const ROUNDS = 1000;

/**
 * Places queued work, at the end of every pass that has queued work or made room: while there is a queue entry and an
 * eligible engine with room, claims tasks, writes the engine's lease and starts its session. When it returns, each of
 * the queues is empty or none of its engines has room, and work that no engine may run has ended, unless its job waits
 * for new engines.
 *
 * @param queues the queues to read besides `any`
 */
export async function place(cluster: PlacingContext, queues: readonly string[] = []): Promise<void> {
  const wanted = [...new Set([ANY_ENGINE, ...queues])];
  for (let round = 0; round < ROUNDS; round++) {
    await endOverspent(cluster);
    const [entries, listed] = await Promise.all([listQueueEntries(cluster, wanted), listEngines(cluster)]);
    if (entries.length === 0) return;
    if (await endImpossible(cluster, entries)) continue;
    const shares = sharesOf(cluster, entries, listed);
    if (shares.length === 0) {
      if (await announce(cluster, entries, openEngines(cluster, listed))) return;
      continue;
    }
    const engines = new Map(listed.map((engine) => [engine.id, engine]));
    if ((await assign(cluster, shares, engines)) && shares.length === entries.length && entries.length < ENTRIES_READ)
      return;
  }
  cluster.log("place-gave-up", { rounds: ROUNDS });
}

/** Decides which engine gets which tasks, by `core/placing/choose-engine.ts`. Nothing is claimed yet. */
export function sharesOf(cluster: SharingContext, entries: readonly QueueEntry[], engines: readonly Engine[]): Share[] {
  const offers = entries.map((entry) => offerOf(cluster, entry));
  const now = cluster.now();
  const ready = openEngines(cluster, engines).filter(({ resting }) => resting === undefined || resting.until <= now);
  return shareWork(offers, ready, cluster.config, cluster.randomness.random);
}

/**
 * Claims each share by one addition and assigns its leases.
 *
 * @returns whether all shares were assigned as decided and emptied their queue entries; if not, the caller must read
 *   the queues again
 */
async function assign(
  cluster: PlacingContext,
  shares: readonly Share[],
  engines: Map<number, Engine>,
): Promise<boolean> {
  const one = async ({ entry, draws }: Share): Promise<boolean> => {
    const wanted = draws.reduce((sum, { tasks }) => sum + tasks, 0);
    const work = await claimEntry(cluster, entry, wanted);
    if (!work || work.ranges.length === 0) return false;
    return (await assignLeases(cluster, work, draws, engines)) && work.drained;
  };
  // Under an explicit high-water mark, two shares may use the same engine. They are then assigned one after another,
  // because each needs the row that the last one wrote.
  const shared = new Set(shares.flatMap(({ draws }) => [...new Set(draws.map(({ engine }) => engine))]));
  const named = shares.reduce((sum, { draws }) => sum + new Set(draws.map(({ engine }) => engine)).size, 0);
  if (shared.size === named) return (await Promise.all(shares.map(one))).every((done) => done);
  let done = true;
  for (const share of shares) done = (await one(share)) && done;
  return done;
}

/**
 * Records in the rows of engines without room that work waits in queues other than `any`, so that their next reports
 * read those queues.
 *
 * Atomic against every other change of an engine's row.
 *
 * @returns false if an engine has changed meanwhile, because it may have room now
 */
async function announce(
  cluster: EngineAccess,
  entries: readonly QueueEntry[],
  engines: readonly Engine[],
): Promise<boolean> {
  const queues = [...new Set(entries.map(({ queue }) => queue))].filter((queue) => queue !== ANY_ENGINE);
  let unchanged = true;
  for (const engine of engines) {
    const missing = queues.filter((queue) => isEligible(engine, queue) && !engine.queues.includes(queue));
    if (missing.length === 0) continue;
    if (!(await swapEngine(cluster, engine, { queues: [...engine.queues, ...missing] }))) unchanged = false;
  }
  return unchanged;
}

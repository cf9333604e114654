import { type ClaimedLease, leaseOf, returnedHint } from "../../core/claimed-work.ts";
import type { Engine } from "../../core/engine.ts";
import type { Hint } from "../../core/hint.ts";
import { type Lease, leaseRanges, leaseTasks } from "../../core/lease.ts";
import { leaseSize } from "../../core/lease-size.ts";
import { ANY_ENGINE, isEligible } from "../../core/queue-class.ts";
import { eligibleCount, type Roster } from "../../core/roster.ts";
import { MOST_LEASES } from "../../core/share-work.ts";
import type { HighWaterMark } from "../../protocol/flags.ts";
import type { IndexRange } from "../../protocol/index-ranges.ts";
import { LEASE_SPAN } from "../../protocol/spec-page.ts";
import type { Cluster } from "../cluster.ts";
import { listHints } from "../rows/hint-rows.ts";
import { requeuedRows } from "../waiting/ready-again.ts";
import { claimWork, remainingOf } from "./claim-work.ts";

/**
 * Claims the next leases for an engine that reports: first hint first, of its classes. Only an explicit high-water mark asks for
 * more than one, when a hint has less to give than the engine has room for.
 */
export async function claimNext(cluster: Cluster, engine: Engine): Promise<ClaimedLease[]> {
  const { hwm } = cluster.config;
  const claimed: ClaimedLease[] = [];
  if (engine.closed) return claimed;
  const queues = [ANY_ENGINE, ...engine.classes];
  let load = engine.leases.slice(1).reduce((sum, lease) => sum + leaseTasks(lease), 0);
  for (;;) {
    const room = roomOf(hwm, load, claimed.length > 0);
    if (room <= 0 || engine.leases.length + claimed.length > MOST_LEASES) return claimed;
    const hints = (await listHints(cluster, queues)).filter(({ queue }) => isEligible(engine, queue));
    const hint = firstFor(engine, hints, cluster.roster);
    if (!hint) return claimed;
    const size = nextSize(cluster, hint, hints);
    const work = await claimWork(cluster, hint, Math.min(size, room));
    if (!work || work.runs.length === 0) continue;
    const lease = leaseOf(work, work.runs);
    claimed.push({ lease, header: work.header });
    load += leaseTasks(lease);
  }
}

/**
 * Claims tasks to join what an engine still runs, so that it need not wait for its next lease while it asks for it: of the
 * same job, when that is next in the queue, near enough for one page, and more is left than every engine can take.
 * Only where leases are sized by us: an explicit mark says how many tasks an engine may have.
 */
export async function claimAhead(
  cluster: Cluster,
  engine: Engine,
  lease: Lease,
  running: readonly number[],
): Promise<ClaimedLease | undefined> {
  const { hwm } = cluster.config;
  if (hwm !== "adaptive" || engine.closed || lease.alone || engine.leases.length > 1 || running.length === 0)
    return undefined;
  const hints = await listHints(cluster, [ANY_ENGINE, ...engine.classes]);
  const hint = hints.find(({ queue }) => isEligible(engine, queue));
  if (hint?.job !== lease.job || hint.queue !== lease.queue || hint.run?.atMost !== undefined) return undefined;
  const remaining = remainingOf(cluster, hint);
  if (!hint.run && remaining <= 2 * eligibleCount(hint.queue, cluster.roster)) return undefined;
  const size = nextSize(cluster, hint, hints);
  const ahead = hint.run ? leaseRanges(hint.run) : [[hint.tasks - remaining, hint.tasks - remaining + size] as const];
  if (!isNear(ahead, running)) return undefined;
  const work = await claimWork(cluster, hint, size);
  if (!work || work.runs.length === 0) return undefined;
  const claimed = { lease: leaseOf(work, work.runs), header: work.header };
  if (isNear(leaseRanges(work), running)) return claimed;
  // Others had claimed more meanwhile than was known here.
  await cluster.store.write(await requeuedRows(cluster, work.header, [{ hint: returnedHint(work, work.runs) }]));
  return undefined;
}

/** How many tasks of a hint the next lease takes, as far as this process knows its job and who else waits. */
function nextSize(cluster: Cluster, hint: Hint, hints: readonly Hint[]): number {
  const { hwm } = cluster.config;
  const length = cluster.lengths.get(hint.job);
  return leaseSize(hwm, {
    meanMs: length?.meanMs,
    previous: length?.tasks,
    remaining: remainingOf(cluster, hint),
    engines: eligibleCount(hint.queue, cluster.roster),
    waitingJobs: new Set(hints.map(({ job }) => job)).size,
    specBytes: hint.specBytes,
    atMost: hint.run?.atMost,
  });
}

/** Claims that tasks and those that run fit one lease: its page must lie within a span of its first index. */
function isNear(ranges: readonly IndexRange[], running: readonly number[]): boolean {
  const first = Math.min(...running, ...ranges.map(([from]) => from));
  return Math.max(...running.map((index) => index + 1), ...ranges.map(([, to]) => to)) - first <= LEASE_SPAN;
}

/** Most tasks that the next claim may take. Without an explicit mark one lease is claimed at a time. */
function roomOf(hwm: HighWaterMark, load: number, hasClaimed: boolean): number {
  if (hwm === "adaptive") return load > 0 ? 0 : Number.POSITIVE_INFINITY;
  if (hwm === 0) return hasClaimed ? 0 : Number.POSITIVE_INFINITY;
  return hwm - load;
}

/** The first hint; one that the engine itself has just failed comes after the others, if another engine may take it. */
function firstFor(engine: Engine, hints: readonly Hint[], roster: Roster): Hint | undefined {
  const isAvoided = (hint: Hint) => hint.run?.avoid === engine.id && eligibleCount(hint.queue, roster) > 1;
  return hints.find((hint) => !isAvoided(hint)) ?? hints[0];
}

import { type ClaimedLease, returnedLease } from "../../core/claimed-work.ts";
import { type Engine, engineLoad } from "../../core/engine.ts";
import { type Lease, leaseTasks } from "../../core/lease.ts";
import { roomUnder } from "../../core/placing/room.ts";
import type { Configured } from "../ports/cluster-config.ts";
import { requeuedRows } from "../waiting/ready-again.ts";
import { place } from "./place.ts";
import type { PlacingContext } from "./placing-context.ts";

/** Splits claimed leases into those that fit an engine that already holds `held`, and the surplus. */
export function fitting(cluster: Configured, engine: Engine, held: readonly Lease[], claimed: readonly ClaimedLease[]) {
  const { hwm } = cluster.config;
  const given: ClaimedLease[] = [];
  const surplus: ClaimedLease[] = [];
  let load = engineLoad({ leases: [...held] });
  for (const one of claimed) {
    const fits = !engine.closed && leaseTasks(one.lease) <= roomUnder(hwm, load);
    (fits ? given : surplus).push(one);
    if (fits) load += leaseTasks(one.lease);
  }
  return { given, surplus };
}

/**
 * Requeues the tasks of claimed leases that found no room, and places them. The tasks of each claim are requeued
 * separately, because some of the claims may have been recalled meanwhile.
 */
export async function giveBack(cluster: PlacingContext, leases: readonly ClaimedLease[]): Promise<void> {
  if (leases.length === 0) return;
  const rows = [];
  for (const { lease, header, parts = [lease] } of leases)
    for (const part of parts)
      rows.push(...(await requeuedRows(cluster, header, [{ entry: returnedLease(part, header) }])));
  await cluster.store.write(rows);
  await place(cluster, [...new Set(leases.map(({ lease }) => lease.queue))]);
}

import type { Engine } from "../../core/engine.ts";
import { firstIndex, leaseName } from "../../core/lease.ts";
import { withNamedLease } from "../../core/next-lease.ts";
import { unpackOutcomePage } from "../../protocol/packed-page.ts";
import { outcomePageKey } from "../../protocol/rows.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { type EndedPage, endedPage } from "./outcome-rows.ts";

/** An engine with its current lease. */
export interface Followed {
  engine: Engine;
  /** The pages that named leases since the one in the engine's row, oldest first. */
  passed: EndedPage[];
}

/**
 * Finds the lease that an engine holds now: the one in its row, or the last one that an outcome page names. Reads a
 * page for each lease since the one in the row, and nothing if the row shows that no page may name a lease.
 *
 * @param shown the engine as its row shows it
 */
export async function followPages(cluster: StoreAccess, shown: Engine): Promise<Followed> {
  const passed: EndedPage[] = [];
  let engine = shown;
  while (engine.linked && engine.session) {
    const [lease] = engine.leases;
    if (!lease) break;
    const [row] = await cluster.store.read([outcomePageKey(lease.job, firstIndex(lease), leaseName(lease))]);
    const page = row && unpackOutcomePage(row);
    if (page?.next === undefined) break;
    passed.push(endedPage(lease, page));
    engine = withNamedLease(engine, { seq: engine.session.seq + 1, next: page.next, assigned: page.received });
  }
  return { engine, passed };
}

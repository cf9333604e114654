import * as v from "valibot";
import { type Roster, rosterAtRest, rosterOf } from "../../core/roster.ts";
import { bodyCodec } from "../../protocol/row-body.ts";
import { ROSTER_KEY, type Row } from "../../protocol/rows.ts";
import type { Configured } from "../ports/cluster-config.ts";
import type { EngineReads } from "./row-access.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const rosterBody = bodyCodec(
  v.record(v.string(), v.object({ ids: v.array(v.tuple([count, count])), deployed: count })),
);

/** The roster in a row; without a row, the pools as deployed. */
export function rosterIn(cluster: Configured, row: Row | undefined): Roster {
  return rosterOf(cluster.config.pools, row ? rosterBody.parse(row) : {});
}

/** Reads the roster alone into the process's memory; `listEngines` reads it along with the engines. */
export async function readRoster(cluster: EngineReads & Configured): Promise<void> {
  const [row] = await cluster.store.read([ROSTER_KEY]);
  cluster.memory.fleet.roster = rosterIn(cluster, row);
}

/**
 * Changes the roster. Atomic against every other change of the roster: if another scheduler changes it meanwhile, reads
 * it and applies `change` again. Applying `change` twice must give the same result as once.
 */
export async function changeRoster(
  cluster: EngineReads & Configured,
  change: (roster: Roster) => Roster,
): Promise<void> {
  for (;;) {
    const [existing] = await cluster.store.read([ROSTER_KEY]);
    const wanted = change(rosterIn(cluster, existing));
    const body = rosterBody.encode(rosterAtRest(wanted));
    const rev = (existing?.rev ?? 0) + 1;
    const row = { ...ROSTER_KEY, body, rev };
    cluster.memory.fleet.roster = wanted;
    if (existing?.body === body) return;
    // After a swap whose response was lost, the loop reads again: it finds the change, or makes it again.
    if (existing ? await cluster.store.swap(row, existing.rev ?? 0) : !(await cluster.store.putOnce(row))) return;
  }
}

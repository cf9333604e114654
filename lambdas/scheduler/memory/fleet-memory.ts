import type { Engine } from "../../core/engine.ts";
import { type Roster, rosterOf } from "../../core/roster.ts";
import type { Row } from "../../protocol/rows.ts";
import type { Pool } from "../ports/cluster-config.ts";

/** A scheduler process's memory of engines, and of the other rows in their partition, as it last read or wrote them. */
export interface FleetMemory {
  /** Engines by id. */
  readonly engines: Map<number, Engine>;
  roster: Roster;
  /** The key that signs lease tokens, once this process has read it; it never changes. */
  signingKey: string | undefined;
  /** Modules that pools are known to lack, as sort keys of the rows that record it. */
  readonly lacks: Set<string>;
  /** The sweep row as this pass last read it, `row: undefined` if there is none; `undefined` until it is read. */
  sweeps: { row: Row | undefined } | undefined;
  /** When this process last read the sweep row for a heartbeat, epoch milliseconds. */
  sweepsWatched: number;
}

/** Access to the memory of engines. */
export interface RemembersFleet {
  readonly fleet: FleetMemory;
}

export function newFleetMemory(pools: readonly Pool[]): FleetMemory {
  return {
    engines: new Map(),
    roster: rosterOf(pools),
    signingKey: undefined,
    lacks: new Set(),
    sweeps: undefined,
    sweepsWatched: 0,
  };
}

import type { Engine } from "../../core/engine.ts";
import { type Roster, rosterOf } from "../../core/roster.ts";
import type { Row } from "../../protocol/rows.ts";
import type { Pool } from "../ports/cluster-config.ts";

/** A scheduler process's memory of engines, and of the other rows in their partition, as it last read or wrote them. */
export interface FleetMemory {
  /** Engines by id. */
  readonly engines: Map<number, Engine>;
  /**
   * All engines as this process last listed them, with its own changes since. The list is kept only if the queue `any`
   * was found empty afterwards: an engine that the list shows as idle, and that has not changed since, is then not
   * needed for work in that queue.
   */
  rested: Map<number, Engine> | undefined;
  /**
   * This process's last list of all engines for comparing competing jobs, and the time until which it may be used.
   */
  competing: { engines: readonly Engine[]; until: number } | undefined;
  roster: Roster;
  /** The key that signs lease tokens; `undefined` until this process has read it. The key never changes. */
  signingKey: string | undefined;
  /** Sort keys of the rows that record which modules pools lack. */
  readonly lacks: Set<string>;
  /**
   * The sweep row as this pass last read it; `undefined` until then. Its `row` is `undefined` if the table has none.
   */
  sweeps: { row: Row | undefined } | undefined;
  /** When this process last read the sweep row for a heartbeat, epoch milliseconds. */
  sweepsWatched: number;
}

/** Access to the memory of engines. */
export interface RemembersFleet {
  readonly memory: { readonly fleet: FleetMemory };
}

export function newFleetMemory(pools: readonly Pool[]): FleetMemory {
  return {
    engines: new Map(),
    rested: undefined,
    competing: undefined,
    roster: rosterOf(pools),
    signingKey: undefined,
    lacks: new Set(),
    sweeps: undefined,
    sweepsWatched: 0,
  };
}

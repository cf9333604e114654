import type { Pool } from "../ports/cluster-config.ts";
import { type FleetMemory, newFleetMemory } from "./fleet-memory.ts";
import { type JobMemory, newJobMemory } from "./job-memory.ts";
import { newQueueMemory, type QueueMemory } from "./queue-memory.ts";
import { UsageMemory } from "./usage-memory.ts";

/**
 * The memory of one scheduler process. Except for `usage` and `jobs.spending`, remembered data never changes, is
 * verified by a condition when it is used, or only serves as an estimate.
 */
export interface SchedulerMemory {
  readonly jobs: JobMemory;
  readonly fleet: FleetMemory;
  readonly queues: QueueMemory;
  readonly usage: UsageMemory;
}

/** @param remembered maximum number of jobs to remember */
export function newSchedulerMemory(pools: readonly Pool[], remembered: number): SchedulerMemory {
  return {
    jobs: newJobMemory(remembered),
    fleet: newFleetMemory(pools),
    queues: newQueueMemory(remembered),
    usage: new UsageMemory(),
  };
}

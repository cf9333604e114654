import type { Pool } from "../ports/cluster-config.ts";
import { newFleetMemory, type RemembersFleet } from "./fleet-memory.ts";
import { newJobMemory, type RemembersJobs } from "./job-memory.ts";
import { newQueueMemory, type RemembersQueues } from "./queue-memory.ts";

/** The memory of one scheduler process. Remembered data is immutable, or a condition verifies it when it is used. */
export interface SchedulerMemory extends RemembersJobs, RemembersFleet, RemembersQueues {}

/** @param remembered maximum number of jobs to remember */
export function newSchedulerMemory(pools: readonly Pool[], remembered: number): SchedulerMemory {
  return { jobs: newJobMemory(remembered), fleet: newFleetMemory(pools), queues: newQueueMemory(remembered) };
}

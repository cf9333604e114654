import type { Pool } from "../ports/cluster-config.ts";
import { newFleetMemory, type RemembersFleet } from "./fleet-memory.ts";
import { newJobMemory, type RemembersJobs } from "./job-memory.ts";
import { newQueueMemory, type RemembersQueues } from "./queue-memory.ts";

/** What one scheduler process remembers. All of it is immutable, or checked by a condition when used. */
export interface SchedulerMemory extends RemembersJobs, RemembersFleet, RemembersQueues {}

/** @param remembered how many jobs are remembered at once */
export function newSchedulerMemory(pools: readonly Pool[], remembered: number): SchedulerMemory {
  return { jobs: newJobMemory(remembered), fleet: newFleetMemory(pools), queues: newQueueMemory(remembered) };
}

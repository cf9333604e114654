import { newSchedulerMemory, type SchedulerMemory } from "../memory/scheduler-memory.ts";
import type { ClusterConfig, Configured } from "../ports/cluster-config.ts";
import type { SchedulerPorts } from "../ports/scheduler-ports.ts";

/**
 * The cluster as one scheduler process sees it: its ports, settings and memory. Only the two endpoints and their
 * message functions take all of it. Every other function names the parts that it uses in the type of its parameter
 * `cluster`.
 */
export interface Cluster extends SchedulerPorts, Configured {
  readonly memory: SchedulerMemory;
}

/** @param remembered maximum number of jobs to remember */
export function newCluster(ports: SchedulerPorts, config: ClusterConfig, remembered = 10_000): Cluster {
  return { ...ports, config, memory: newSchedulerMemory(config.pools, remembered) };
}

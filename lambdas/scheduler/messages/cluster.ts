import { newSchedulerMemory, type SchedulerMemory } from "../memory/scheduler-memory.ts";
import type { ClusterConfig, Configured } from "../ports/cluster-config.ts";
import type { SchedulerPorts } from "../ports/scheduler-ports.ts";

/**
 * The cluster as one scheduler process sees it: its ports, its settings and what it remembers. Only messages take it
 * whole; the functions that they call name the part that they may touch.
 */
export interface Cluster extends SchedulerPorts, Configured, SchedulerMemory {}

/** @param remembered how many jobs are remembered at once */
export function newCluster(ports: SchedulerPorts, config: ClusterConfig, remembered = 10_000): Cluster {
  return { ...ports, config, ...newSchedulerMemory(config.pools, remembered) };
}

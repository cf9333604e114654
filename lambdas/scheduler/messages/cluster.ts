import { newSchedulerMemory, type SchedulerMemory } from "../memory/scheduler-memory.ts";
import type { ClusterConfig, Configured } from "../ports/cluster-config.ts";
import type { SchedulerPorts } from "../ports/scheduler-ports.ts";

/**
 * The cluster as one scheduler process sees it: its ports, settings and memory. Only messages take all of it; the
 * functions that they call name the parts that they may use.
 */
export interface Cluster extends SchedulerPorts, Configured, SchedulerMemory {}

/** @param remembered maximum number of jobs to remember */
export function newCluster(ports: SchedulerPorts, config: ClusterConfig, remembered = 10_000): Cluster {
  return { ...ports, config, ...newSchedulerMemory(config.pools, remembered) };
}

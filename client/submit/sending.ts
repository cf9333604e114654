import type { KnownCluster } from "../cluster/known-cluster.ts";
import type { FunctionUnits } from "./function-units.ts";
import type { SentTasks } from "./sent-tasks.ts";
import type { Submitter } from "./submitter.ts";

/** The parts of a client that send tasks. */
export interface Sending {
  cluster: KnownCluster;
  units: FunctionUnits;
  submitter: Submitter;
  sent: SentTasks;
}

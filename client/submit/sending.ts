import type { KnownCluster } from "../cluster/known-cluster.ts";
import type { FunctionUnits } from "./function-units.ts";
import type { SentTasks } from "./sent-tasks.ts";
import type { Submitter } from "./submitter.ts";

/** What sends tasks: the code that was shipped, the queue of messages, and who is told of what was sent. */
export interface Sending {
  cluster: KnownCluster;
  units: FunctionUnits;
  submitter: Submitter;
  sent: SentTasks;
}

import type { KnownCluster } from "../cluster/known-cluster.ts";
import type { Aborting } from "../outcomes/abort-report.ts";
import type { Costing } from "./result-cost.ts";
import type { Describing } from "./result-metadata.ts";
import type { Reading } from "./result-reader.ts";
import type { TimelinePorts } from "./result-timeline.ts";
import type { Streaming } from "./stream-output.ts";

/** The parts of a client that the methods of a result use. */
export interface ResultPorts extends Reading, Describing, Streaming, Aborting, TimelinePorts, Costing {
  cluster: KnownCluster;
}

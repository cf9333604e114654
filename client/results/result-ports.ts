import type { KnownCluster } from "../cluster/known-cluster.ts";
import type { Aborting } from "../outcomes/abort-report.ts";
import type { Describing } from "./result-metadata.ts";
import type { Reading } from "./result-reader.ts";
import type { Streaming } from "./stream-output.ts";

/** Ports of a result's methods. */
export interface ResultPorts extends Reading, Describing, Streaming, Aborting {
  cluster: KnownCluster;
}

import type { KnownCluster } from "../cluster/known-cluster.ts";
import type { Aborting } from "../outcomes/abort-report.ts";
import type { Describing } from "./result-metadata.ts";
import type { Reading } from "./result-reader.ts";
import type { Streaming } from "./stream-output.ts";

/** What a result's methods need; each method passes on the ports that its function needs. */
export interface ResultPorts extends Reading, Describing, Streaming, Aborting {
  cluster: KnownCluster;
}

import type { LatencyModel } from "../latency/latency-model.ts";
import type { CallLog } from "./call-log.ts";

/** What an endpoint does besides answering. */
export interface EndpointOptions {
  /** Delays answers. Default: none. */
  latency?: LatencyModel | undefined;
  /** Records calls. Default: nothing does. */
  calls?: CallLog | undefined;
}

import type { LatencyModel } from "../latency/latency-model.ts";
import type { CallLog } from "./call-log.ts";

/** Optional behavior of an endpoint. */
export interface EndpointOptions {
  /** Delays answers. Default: none. */
  latency?: LatencyModel | undefined;
  /** Records calls. Default: calls are not recorded. */
  calls?: CallLog | undefined;
}

import type { EndpointOptions } from "../requests/endpoint-options.ts";
import { TrafficMeter } from "../requests/meter.ts";
import { listenOnLoopback } from "../requests/request-guard.ts";
import { LambdaApi } from "./lambda-api.ts";
import { LambdaFaults } from "./lambda-faults.ts";
import { LambdaService, type LambdaServiceOptions } from "./lambda-service.ts";

/** A running Lambda service, to which functions can be deployed. */
export interface StartedLambda {
  port: number;
  service: LambdaService;
  meter: TrafficMeter;
  faults: LambdaFaults;
}

/** Starts Lambda's endpoint. */
export async function startLambda(parts: LambdaServiceOptions & EndpointOptions): Promise<StartedLambda> {
  const service = new LambdaService(parts);
  const meter = new TrafficMeter();
  const faults = new LambdaFaults();
  let port = 0;
  const { principals, latency, calls } = parts;
  const api = new LambdaApi({ service, principals, meter, faults, port: () => port, latency, calls });
  port = await listenOnLoopback(api.server());
  return { port, service, meter, faults };
}

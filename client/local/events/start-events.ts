import type { EndpointOptions } from "../requests/endpoint-options.ts";
import { TrafficMeter } from "../requests/meter.ts";
import type { Principals } from "../requests/principals.ts";
import { listenOnLoopback } from "../requests/request-guard.ts";
import { EventRules, type EventRulesParts } from "./event-rules.ts";
import { EventsEndpoint } from "./events-endpoint.ts";

/** A running EventBridge. */
export interface StartedEvents {
  port: number;
  rules: EventRules;
  eventsMeter: TrafficMeter;
}

/** Starts the enabled rules and EventBridge's endpoint. */
export async function startEvents(
  parts: EventRulesParts,
  principals: Principals,
  options: EndpointOptions = {},
): Promise<StartedEvents> {
  const rules = new EventRules(parts);
  const eventsMeter = new TrafficMeter();
  let port = 0;
  const endpoint = new EventsEndpoint({ ...options, principals, rules, meter: eventsMeter, port: () => port });
  port = await listenOnLoopback(endpoint.server());
  return { port, rules, eventsMeter };
}

import { TrafficMeter } from "../doors/meter.ts";
import type { Principals } from "../doors/principals.ts";
import { listenOnLoopback } from "../doors/request-guard.ts";
import { EventRules, type EventRulesParts } from "./event-rules.ts";
import { EventsEndpoint } from "./events-endpoint.ts";

/** A running EventBridge. */
export interface StartedEvents {
  port: number;
  rules: EventRules;
  eventsMeter: TrafficMeter;
}

/** Starts the enabled rules and EventBridge's endpoint. */
export async function startEvents(parts: EventRulesParts, principals: Principals): Promise<StartedEvents> {
  const rules = new EventRules(parts);
  const eventsMeter = new TrafficMeter();
  let port = 0;
  const door = new EventsEndpoint({ rules, principals, meter: eventsMeter, port: () => port });
  port = await listenOnLoopback(door.server());
  return { port, rules, eventsMeter };
}

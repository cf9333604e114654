import type { LambdaService } from "../lambda/lambda-service.ts";
import type { EndpointOptions } from "../requests/endpoint-options.ts";
import { TrafficMeter } from "../requests/meter.ts";
import type { Principals } from "../requests/principals.ts";
import { listenOnLoopback } from "../requests/request-guard.ts";
import type { RuleSpec } from "../stack/deployment.ts";
import { EventRules } from "./event-rules.ts";
import { EventsEndpoint } from "./events-endpoint.ts";

interface StartEventsParts extends EndpointOptions {
  rules: readonly RuleSpec[];
  principals: Principals;
  /** Overrides each rule's rate, in milliseconds. */
  ruleEveryMs?: number | undefined;
  /** File that records which rules were enabled or disabled; undefined: not recorded. */
  rulesFile: string | undefined;
}

export interface StartedEvents {
  port: number;
  rules: EventRules;
  eventsMeter: TrafficMeter;
}

/** Starts the enabled rules and EventBridge's endpoint. */
export async function startEvents(parts: StartEventsParts, service: LambdaService): Promise<StartedEvents> {
  const { principals, latency, calls, ruleEveryMs: everyMs, rulesFile: file } = parts;
  const rules = new EventRules({ rules: parts.rules, service, everyMs, file });
  const eventsMeter = new TrafficMeter();
  let port = 0;
  const endpoint = new EventsEndpoint({ rules, principals, meter: eventsMeter, port: () => port, latency, calls });
  port = await listenOnLoopback(endpoint.server());
  return { port, rules, eventsMeter };
}

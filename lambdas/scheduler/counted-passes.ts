import type { EmbeddedMetrics } from "../adapters/embedded-metrics.ts";
import { countIndexes } from "../protocol/index-ranges.ts";
import { LOG_EVENTS } from "../protocol/log-events.ts";
import type { PASS_METRICS } from "../protocol/metric-names.ts";
import type { Log } from "./ports/scheduler-ports.ts";

export type PassMetrics = EmbeddedMetrics<typeof PASS_METRICS>;

/** Makes a log that also counts the events for which there is a metric. */
export function countedLog(log: Log["log"], metrics: PassMetrics): Log["log"] {
  if (!metrics.isOn) return log;
  return (event, fields) => {
    if (event === "submitted") {
      metrics.add("JobsSubmitted");
      metrics.add("TasksSubmitted", countIndexes(fields.tasks ?? []));
    }
    if (event === "session-started") metrics.add("SessionsStarted");
    if (event === "session-revoked") metrics.add("SessionsRevoked");
    if (LOG_EVENTS[event][0] === "error") metrics.add("Errors");
    log(event, fields);
  };
}

/** Makes a handler that measures each pass and writes the pass's metrics at its end. */
export function countedPasses<Answer>(
  handler: (payload: unknown) => Promise<Answer>,
  metrics: PassMetrics,
  now: () => number,
): (payload: unknown) => Promise<Answer> {
  if (!metrics.isOn) return handler;
  return async (payload) => {
    const began = now();
    try {
      return await handler(payload);
    } finally {
      metrics.add("PassDuration", now() - began);
      metrics.flush();
    }
  };
}

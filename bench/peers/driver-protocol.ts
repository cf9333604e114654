import { createInterface } from "node:readline";
import * as v from "valibot";
import type { DriverPlan } from "./compared-workloads.ts";

/**
 * An event that a driver reports to stdout as one line of JSON. A driver starts its system, gets one result, warms up,
 * waits for a plan, runs it, checks all results and ends its system. It writes nothing but events to stdout.
 */
const DriverEvent = v.variant("event", [
  v.object({ event: v.literal("first-result"), versions: v.record(v.string(), v.string()) }),
  v.object({ event: v.literal("ready") }),
  v.object({ event: v.literal("figures"), tasks: v.number(), figures: v.record(v.string(), v.number()) }),
]);
export type DriverEvent = v.InferOutput<typeof DriverEvent>;

const Plan = v.object({
  workload: v.string(),
  n: v.number(),
  engines: v.number(),
  sleeps: v.exactOptional(v.array(v.number())),
  parents: v.exactOptional(v.array(v.array(v.number()))),
});

/** Parses a line that a driver wrote. Returns undefined if it is not an event. */
export function parseEvent(line: string): DriverEvent | undefined {
  if (!line.startsWith("{")) return undefined;
  const parsed = v.safeParse(DriverEvent, JSON.parse(line));
  return parsed.success ? parsed.output : undefined;
}

/** Sends an event from a driver to the runner. */
export function tell(event: DriverEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** Waits, in a driver, for the plan. For the workload `start`, the driver then just ends its system. */
export async function nextPlan(): Promise<DriverPlan> {
  for await (const line of createInterface({ input: process.stdin })) return v.parse(Plan, JSON.parse(line));
  throw new Error("the runner closed the driver's stdin without sending a plan");
}

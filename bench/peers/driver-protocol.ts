import { createInterface } from "node:readline";
import * as v from "valibot";
import type { DriverPlan } from "./compared-workloads.ts";

/**
 * A driver starts its system and gets one result, warms up, waits for a plan, runs it, checks all results and ends its
 * system. Between these it writes a line of JSON each, and nothing else, to stdout.
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

/** Parses a line that a driver wrote; undefined if it is none of its events. */
export function parseEvent(line: string): DriverEvent | undefined {
  if (!line.startsWith("{")) return undefined;
  const parsed = v.safeParse(DriverEvent, JSON.parse(line));
  return parsed.success ? parsed.output : undefined;
}

/** Tells the runner, from within a driver. */
export function tell(event: DriverEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** Waits for the plan, within a driver. The plan of `start` asks for nothing but to end. */
export async function nextPlan(): Promise<DriverPlan> {
  for await (const line of createInterface({ input: process.stdin })) return v.parse(Plan, JSON.parse(line));
  throw new Error("the runner ended without a plan");
}

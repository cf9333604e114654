import { InvalidArgumentError } from "commander";
import { LATENCY_TEXT, type LatencyChoice, latencyOf } from "../local/latency/latency-option.ts";

/** Parses `--latency`, for commander. */
export function latencyModel(text: string): LatencyChoice {
  const choice = latencyOf(text);
  if (choice) return choice;
  throw new InvalidArgumentError(LATENCY_TEXT);
}

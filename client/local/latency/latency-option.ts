import * as v from "valibot";
import { InvalidFlag } from "../../../lambdas/protocol/errors.ts";

/** Latencies that the embedded cloud imitates. */
interface LatencySetting {
  /** `aws`: the published latencies of AWS within a region. */
  model: "aws";
  /** Seed of the random draws, a whole number from 0 to 4294967295. Equal seeds draw equal latencies. Default 1. */
  seed?: number | undefined;
}

/** A latency model, by name or with a seed. */
export type LatencyOption = "aws" | LatencySetting;

/** A validated setting. */
export interface LatencyChoice {
  model: "aws";
  seed: number;
}

const DEFAULT_SEED = 1;
const Model = v.literal("aws");
const Seed = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32 - 1));
const Setting = v.union([
  v.pipe(
    Model,
    v.transform((model) => ({ model, seed: DEFAULT_SEED })),
  ),
  v.pipe(
    v.strictObject({ model: Model, seed: v.optional(Seed) }),
    v.transform(({ model, seed = DEFAULT_SEED }) => ({ model, seed })),
  ),
]);

/**
 * Validates the option `latency`.
 *
 * @throws InvalidFlag for anything that is not a `LatencyOption`
 */
export function parseLatency(option: unknown): LatencyChoice | undefined {
  if (option === undefined) return undefined;
  const parsed = v.safeParse(Setting, option);
  if (parsed.success) return parsed.output;
  throw new InvalidFlag(
    "latency",
    `must be "aws" or { model: "aws", seed } with a whole number from 0 to 4294967295, not ${JSON.stringify(option)}`,
  );
}

/** Describes the texts that `latencyOf` accepts. */
export const LATENCY_TEXT = "must be aws, or aws:<seed> with a whole number from 0 to 4294967295";

/**
 * Parses a latency model from the command line: `aws`, or `aws:7` with a seed. Returns undefined for any other text.
 */
export function latencyOf(text: string): LatencyChoice | undefined {
  const [, model, seed] = /^(aws)(?::(\d{1,10}))?$/.exec(text) ?? [];
  const parsed = v.safeParse(Setting, { model, ...(seed !== undefined && { seed: Number(seed) }) });
  return parsed.success ? parsed.output : undefined;
}

/** Formats a choice so that `latencyOf` can parse it. */
export function latencyText({ model, seed }: LatencyChoice): string {
  return `${model}:${seed}`;
}

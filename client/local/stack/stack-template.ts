import * as v from "valibot";

/** A resource as written in a template, with the order of keys preserved and nothing left out. */
const Resource = v.looseObject({ Type: v.string(), Properties: v.optional(v.record(v.string(), v.unknown()), {}) });
const Output = v.record(v.string(), v.unknown());

/** A resource of a template. */
export type StackResource = v.InferOutput<typeof Resource>;
/** An output of a template. */
export type StackOutput = v.InferOutput<typeof Output>;

/**
 * The stack from which other stacks are derived: one cluster, one pool of one engine, and defaults for everything else.
 */
export const StackSeed = v.object({
  /** The template without resources and outputs. */
  rest: v.record(v.string(), v.unknown()),
  resources: v.record(v.string(), Resource),
  outputs: v.record(v.string(), Output),
  /** Construct path of each resource, relative to the stack. */
  paths: v.record(v.string(), v.string()),
});
export type StackSeed = v.InferOutput<typeof StackSeed>;

/** Names of the seed's stack, cluster and pool. */
export const SEED = { stack: "Fantail", cluster: "Fantail", pool: "default" } as const;

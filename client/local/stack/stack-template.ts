import * as v from "valibot";

/** A template as it is written, keys in their order: what `readDeployment` reads, with nothing left out. */
const Resource = v.looseObject({ Type: v.string(), Properties: v.optional(v.record(v.string(), v.unknown()), {}) });
const Output = v.record(v.string(), v.unknown());

/** A resource of a template. */
export type StackResource = v.InferOutput<typeof Resource>;
/** An output of a template. */
export type StackOutput = v.InferOutput<typeof Output>;

/** A stack of one cluster with one pool of one engine and everything else by default, from which others are derived. */
export const StackSeed = v.object({
  /** All of the template but resources and outputs. */
  rest: v.record(v.string(), v.unknown()),
  resources: v.record(v.string(), Resource),
  outputs: v.record(v.string(), Output),
  /** The path of each resource's construct below the stack. */
  paths: v.record(v.string(), v.string()),
});
export type StackSeed = v.InferOutput<typeof StackSeed>;

/** What the seed's stack, cluster and pool are called. */
export const SEED = { stack: "Fantail", cluster: "Fantail", pool: "default" } as const;

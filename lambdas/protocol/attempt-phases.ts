import * as v from "valibot";

/** Maximum number of recorded waits per attempt. Later waits extend the last one. */
export const MAX_WAITS = 8;

const ms = v.pipe(v.number(), v.minValue(0));

/**
 * How the time before and during an attempt was spent, in milliseconds. Absent parts took less than a millisecond or
 * were not recorded, because an engine of an earlier version ran the attempt.
 */
export const AttemptPhases = v.strictObject({
  /** From the start of the engine's process until its first task could be prepared. Ends where `fetched` begins. */
  cold: v.optional(ms),
  /** Fetching the task's large arguments, immediately before it started. */
  fetched: v.optional(ms),
  /** Waits for tasks that this task submitted, in order: when each began, from the start, and how long it took. */
  parked: v.optional(v.pipe(v.array(v.strictTuple([ms, ms])), v.maxLength(MAX_WAITS))),
});
export type AttemptPhases = v.InferOutput<typeof AttemptPhases>;

/** Phases as a row stores them: `cold` and `fetched`, then the numbers of `parked`, in whole milliseconds. */
export type PackedPhases = readonly number[];

/** Packs phases; undefined if no part took a millisecond. */
export function packPhases({ cold = 0, fetched = 0, parked = [] }: AttemptPhases): PackedPhases | undefined {
  const waits = parked.filter(([, lasted]) => lasted >= 1);
  if (cold < 1 && fetched < 1 && waits.length === 0) return undefined;
  return [cold, fetched, ...waits.flat()].map(Math.round);
}

/** Whether a value has the form of packed phases. */
export function isPackedPhases(value: unknown): value is PackedPhases {
  return (
    Array.isArray(value) &&
    value.length >= 2 &&
    value.length % 2 === 0 &&
    value.every((one: unknown) => typeof one === "number" && one >= 0)
  );
}

/** Reverses `packPhases`. */
export function unpackPhases([cold = 0, fetched = 0, ...waits]: PackedPhases): AttemptPhases {
  const parked: [number, number][] = [];
  for (let at = 0; at + 1 < waits.length; at += 2) parked.push([waits[at] ?? 0, waits[at + 1] ?? 0]);
  return {
    ...(cold > 0 ? { cold } : {}),
    ...(fetched > 0 ? { fetched } : {}),
    ...(parked.length > 0 ? { parked } : {}),
  };
}

import * as v from "valibot";

/** Maximum number of waits of one attempt that are recorded. Later ones prolong the last. */
export const MOST_WAITS = 8;

const ms = v.pipe(v.number(), v.minValue(0));

/**
 * What the time around an attempt and in it was spent on, in milliseconds. Absent parts took less than a millisecond, or
 * an engine of an earlier version ran the attempt.
 */
export const AttemptPhases = v.strictObject({
  /** From the start of the engine's process until its first task could be prepared. Ends where `fetched` begins. */
  cold: v.optional(ms),
  /** Fetching the task's large arguments, right before it started. */
  fetched: v.optional(ms),
  /** The waits for tasks that the task had submitted, in order: when each began, since the start, and how long it was. */
  parked: v.optional(v.pipe(v.array(v.strictTuple([ms, ms])), v.maxLength(MOST_WAITS))),
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

/** Whether a value of a row is packed phases. */
export function isPackedPhases(value: unknown): value is PackedPhases {
  return (
    Array.isArray(value) &&
    value.length >= 2 &&
    value.length % 2 === 0 &&
    value.every((one: unknown) => typeof one === "number" && one >= 0)
  );
}

/** The phases of `packPhases`. */
export function unpackPhases([cold = 0, fetched = 0, ...waits]: PackedPhases): AttemptPhases {
  const parked: [number, number][] = [];
  for (let at = 0; at + 1 < waits.length; at += 2) parked.push([waits[at] ?? 0, waits[at + 1] ?? 0]);
  return {
    ...(cold > 0 ? { cold } : {}),
    ...(fetched > 0 ? { fetched } : {}),
    ...(parked.length > 0 ? { parked } : {}),
  };
}

/** Whether tests try everything: with `npm run test:fuzz`, or if `FANTAIL_SIM_RUNS` is set. */
export const TRIES_ALL = process.env.npm_lifecycle_event === "test:fuzz" || process.env.FANTAIL_SIM_RUNS !== undefined;

/** Interval of the steps at which tests inject a fault. `npm test` tries every fifth step, because each takes a whole run. */
export const STEP_INTERVAL = TRIES_ALL ? 1 : 5;

/** Returns the numbers of the steps to try, from 1 to at most `last`. */
export function triedSteps(last: number): number[] {
  return Array.from({ length: Math.ceil(last / STEP_INTERVAL) }, (_, at) => 1 + at * STEP_INTERVAL);
}

import type { TimelineRun } from "./timeline-run.ts";

/** Labels of the phases before and within a run. The data contains their positions in this list. */
export const PHASES = ["cold start", "fetching of arguments", "waiting for its own tasks"] as const;

/** Positions in `PHASES`. */
export const COLD = 0;
export const FETCHED = 1;
export const PARKED = 2;

/** The phases of all runs, in columns ordered by run. Times are in hundredths of a millisecond. */
export interface PhaseColumns {
  run: number[];
  /** Positions in `PHASES`. */
  phase: number[];
  from: number[];
  lasted: number[];
}

/** A phase of one run. Times are in hundredths of a millisecond. */
export interface RunPhase {
  phase: number;
  from: number;
  lasted: number;
}

/**
 * Returns the phases of a run, in order. They are cut off at `earliest`, because the engine's process may be older than
 * its first task. Times are in hundredths of a millisecond.
 *
 * @param start when the run started
 * @param ran how long it took
 */
export function phasesOfRun(
  { phases }: Pick<TimelineRun, "phases">,
  earliest: number,
  start: number,
  ran: number,
): RunPhase[] {
  const { cold = 0, fetched = 0, parked = [] } = phases;
  const found: RunPhase[] = [];
  const add = (phase: number, from: number, to: number) => {
    if (to > from) found.push({ phase, from, lasted: to - from });
  };
  const fetchedFrom = Math.max(Math.min(earliest, start), start - hundredths(fetched));
  add(COLD, Math.max(earliest, fetchedFrom - hundredths(cold)), fetchedFrom);
  add(FETCHED, fetchedFrom, start);
  for (const [after, lasted] of parked) {
    const from = start + Math.min(ran, hundredths(after));
    add(PARKED, from, Math.min(start + ran, from + hundredths(lasted)));
  }
  return found;
}

function hundredths(ms: number): number {
  return Math.round(ms * 100);
}

/** Reads the phases of one run. */
export function phasesIn({ run, phase, from, lasted }: PhaseColumns, wanted: number): RunPhase[] {
  let [low, high] = [0, run.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((run[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  const found: RunPhase[] = [];
  for (let at = low; run[at] === wanted; at++)
    found.push({ phase: phase[at] ?? 0, from: from[at] ?? 0, lasted: lasted[at] ?? 0 });
  return found;
}

/**
 * Chooses the engine for the next task.
 *
 * @param loads outstanding tasks per engine with room, least recently assigned first
 * @param random uniform in [0, 1)
 * @returns an index into `loads`
 */
export type Scheme = (loads: readonly number[], random: () => number) => number;

/** An engine as a scheme sees it. */
export interface Candidate {
  id: number;
  /** Outstanding tasks. */
  load: number;
}

/**
 * Engines with room, ready to be drawn from over and over: the fast form of a scheme. It gives what the scheme's function would
 * give on the loads in least-recently-assigned order, without walking all engines for each task: a map over 1,000 engines
 * asks millions of times.
 */
export interface Placement {
  /** Whether an engine with room is left. */
  hasRoom(): boolean;
  /** Draws an engine and counts `tasks` more on it; `undefined` when none has room. */
  place(tasks: number): Candidate | undefined;
}

/**
 * Makes the fast form of a scheme.
 *
 * @param open engines with room, least recently assigned first; their loads change as they are drawn
 * @param limit how many tasks an engine may have; `Infinity` when there is no mark
 */
export type PlacementOf = (open: Candidate[], limit: number, random: () => number) => Placement;

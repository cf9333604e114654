/**
 * Chooses the engine for the next task.
 *
 * @param loads outstanding tasks per engine with room, least recently assigned first
 * @param random uniform in [0, 1)
 * @returns an index into `loads`
 */
export type Scheme = (loads: readonly number[], random: () => number) => number;

/** An engine, as a scheme sees it. */
export interface Candidate {
  id: number;
  /** Outstanding tasks. */
  load: number;
}

/**
 * The fast form of a scheme: engines with room, to draw from repeatedly. It picks the engine that the scheme's function
 * would pick from the loads in least-recently-assigned order, but does not walk all engines for each task, which for a
 * map over 1,000 engines would take millions of steps.
 */
export interface Placement {
  /** Whether an engine with room is left. */
  hasRoom(): boolean;
  /** Draws an engine and adds `tasks` to its load; `undefined` if none has room. */
  place(tasks: number): Candidate | undefined;
}

/**
 * Makes the fast form of a scheme.
 *
 * @param open engines with room, least recently assigned first; drawing changes the list and the loads
 * @param limit maximum number of tasks per engine; `Infinity` without a high-water mark
 */
export type PlacementOf = (open: Candidate[], limit: number, random: () => number) => Placement;

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
 * Draws engines with room, one after another, by a scheme. `leastload` and `lru` pick the same engine as the scheme's
 * function; the random schemes pick each engine with the same probability as the function. Unlike the function, a
 * built-in scheme's placement does not walk all engines for each task, which would take millions of steps for a map
 * over 1,000 engines. A user's own scheme is called for each draw.
 */
export interface Placement {
  /** Whether an engine with room is left. */
  hasRoom(): boolean;
  /** Draws an engine and adds `tasks` to its load; `undefined` if none has room. */
  place(tasks: number): Candidate | undefined;
}

/**
 * Makes the placement of a scheme.
 *
 * @param open engines with room, least recently assigned first; drawing changes the list and the loads
 * @param limit maximum number of tasks per engine; `Infinity` without a high-water mark
 */
export type PlacementOf = (open: Candidate[], limit: number, random: () => number) => Placement;

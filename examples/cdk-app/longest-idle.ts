/**
 * A custom scheme: chooses the engine that has been idle longest, or the least loaded one if none is idle.
 *
 * @param loads outstanding tasks of each engine, least recently assigned first
 * @returns an index into `loads`
 */
export function longestIdle(loads: readonly number[]): number {
  const idle = loads.indexOf(0);
  return idle >= 0 ? idle : loads.indexOf(Math.min(...loads));
}

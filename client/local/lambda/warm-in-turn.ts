/** A function and the number of its environments to start. */
export interface Warmed {
  fn: { warm(count: number): Promise<boolean> };
  count: number;
}

/**
 * Starts one environment of each function, then the others.
 *
 * The first task needs a scheduler, an engine and a report function. Other environments that start at the same time
 * would compete with these for the cores.
 */
export async function warmInTurn(functions: readonly Warmed[]): Promise<void> {
  const wanted = functions.filter(({ count }) => count > 0);
  const loaded = await Promise.all(wanted.map(({ fn }) => fn.warm(1)));
  // An environment that did not load is broken, or was killed because the cloud is closing. In both cases start no
  // more.
  if (!loaded.includes(false)) await Promise.all(wanted.map(({ fn, count }) => fn.warm(count)));
}

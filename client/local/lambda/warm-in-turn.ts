/** A function and how many of its environments to start. */
export interface Warmed {
  fn: { warm(count: number): Promise<boolean> };
  count: number;
}

/**
 * Starts one environment of each function, then the others.
 *
 * The first task needs a scheduler, an engine and a report function. Anything started alongside them competes for the
 * cores.
 */
export async function warmInTurn(functions: readonly Warmed[]): Promise<void> {
  const wanted = functions.filter(({ count }) => count > 0);
  const loaded = await Promise.all(wanted.map(({ fn }) => fn.warm(1)));
  // One that did not load is broken, or was killed because the cloud is closing: start no more.
  if (!loaded.includes(false)) await Promise.all(wanted.map(({ fn, count }) => fn.warm(count)));
}

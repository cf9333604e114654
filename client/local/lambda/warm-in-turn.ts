/** A function, of which `count` environments are to be started. */
export interface Warmed {
  fn: { warm(count: number): Promise<boolean> };
  count: number;
}

/**
 * Starts one environment of each function, then the others.
 *
 * A first task needs a scheduler, an engine and a report function. Whatever starts beside them takes the cores from
 * them.
 */
export async function warmInTurn(functions: readonly Warmed[]): Promise<void> {
  const wanted = functions.filter(({ count }) => count > 0);
  const loaded = await Promise.all(wanted.map(({ fn }) => fn.warm(1)));
  // One that ended was killed because the cloud closes, or its code is broken.
  if (!loaded.includes(false)) await Promise.all(wanted.map(({ fn, count }) => fn.warm(count)));
}

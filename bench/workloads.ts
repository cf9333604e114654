/** Deterministic workloads, the same for every system that is measured. */

/** A small seeded generator (mulberry32), uniform in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** 400 sleeps in whole milliseconds, heavy-tailed (Pareto, α = 1.1, capped at 100 times the least), 40,000 ms in all. */
export function heavyTailedSleeps(): number[] {
  const random = seededRandom(20240401);
  const raw = Array.from({ length: 400 }, () => Math.min(100, (1 - random()) ** (-1 / 1.1)));
  const sum = raw.reduce((total, value) => total + value, 0);
  const sleeps = raw.map((value) => Math.max(1, Math.round((value * 40000) / sum)));
  const longest = sleeps.indexOf(Math.max(...sleeps));
  const total = sleeps.reduce((so, ms) => so + ms, 0);
  sleeps[longest] = (sleeps[longest] ?? 0) + 40000 - total;
  return sleeps;
}

/** Time of greedy list scheduling without any overhead: each task, in order, to the first free engine. */
export function greedyBound(durations: readonly number[], engines: number): number {
  const free = new Array<number>(engines).fill(0);
  for (const duration of durations) {
    const first = free.indexOf(Math.min(...free));
    free[first] = (free[first] ?? 0) + duration;
  }
  return Math.max(...free);
}

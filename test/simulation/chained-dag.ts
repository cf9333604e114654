import type { DrawnDag } from "./random-dag.ts";
import { SeededChance } from "./seeded-chance.ts";

/**
 * Draws a graph of jobs that consist of chains: a task waits for the success of the task `chains` places before it. The
 * tasks are short and some of them fail before they succeed, so that engines get whole chains in one lease, and the rest
 * of a chain returns to waiting.
 */
export function chainedDag(seed: number): DrawnDag {
  const chance = new SeededChance(seed);
  const jobs: DrawnDag["jobs"] = [];
  let first = 0;
  for (let job = chance.between(1, 3); job > 0; job--) {
    const chains = chance.between(1, 6);
    const count = chains * chance.between(3, 12);
    const failing = chance.pick([0.05, 0.15, 0.3]);
    const longest = chance.pick([0, 1, 5]);
    const start = first;
    jobs.push({
      tasks: Array.from({ length: count }, (_, index) => ({
        ms: Math.round(longest * chance.next()),
        failures: chance.happens(failing) ? chance.pick([1, 1, 2, 1000]) : 0,
        refusedOn: [],
        after:
          index < chains
            ? []
            : [{ parents: [start + index - chains], whole: false, all: true, on: "success" as const }],
        follow: null,
        takes: [],
      })),
      retries: chance.between(1, 3),
      pageTasks: chance.pick([3, 20, 100]),
      chunked: false,
      alike: false,
      gapMs: chance.pick([null, 0, 50]),
      abort: null,
    });
    first += count;
  }
  return { seed, engines: chance.between(1, 4), hwm: "adaptive", jobs };
}

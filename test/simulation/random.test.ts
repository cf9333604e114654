import { expect, test } from "vitest";
import { NO_FAULTS } from "./faults.ts";
import { randomRun } from "./random-run.ts";
import { seededRun } from "./seeded-run.ts";
import { TRIES_ALL } from "./tried-steps.ts";

/**
 * Only a few, since a run takes a tenth of a second: `npm run test:fuzz` runs more, with `FANTAIL_SIM_RUNS=100`.
 * `FANTAIL_SIM_FIRST` is the first seed.
 */
const FIRST = Number(process.env.FANTAIL_SIM_FIRST ?? 1);
const RUNS = Number(process.env.FANTAIL_SIM_RUNS ?? 4);

test.each([
  ["without faults", { faults: false }],
  ["with faults", { faults: true }],
  ["with budgets, and aborts of what is claimed next", { faults: true, abortsAtCursor: true, budgets: true }],
  ["with many retries", { faults: true, flaky: true }],
])(
  "in random runs %s, each task has exactly one outcome, and nothing is left over",
  { timeout: 3_600_000 },
  async (_, options) => {
    for (let seed = FIRST; seed < FIRST + RUNS; seed++) {
      const { wrong } = await randomRun(seed, options);
      expect({ seed, ...options, wrong }).toEqual({ seed, ...options, wrong: [] });
    }
  },
);

test.each([
  ["within 15 s while a client waits", { ms: 15_000, attended: true }],
  ["within 75 s with nobody waiting", { ms: 75_000, attended: false }],
])(
  "tasks of a scheduler that was killed between claim and lease are recovered %s",
  {
    timeout: 3_600_000,
  },
  async (_, recovery) => {
    let recoveries = 0;
    for (let seed = FIRST; seed < FIRST + RUNS; seed++) {
      const run = await randomRun(seed, {
        rates: NO_FAULTS,
        stranding: { rate: 0.05, stalls: 0 },
        blackouts: 0,
        recovery,
      });
      expect({ seed, wrong: run.wrong }).toEqual({ seed, wrong: [] });
      recoveries += run.recoveries;
    }
    expect(recoveries).toBeGreaterThan(RUNS / 3);
  },
);

test("a seed repeats a run exactly", async () => {
  for (const seed of TRIES_ALL ? [3, 7] : [3]) expect(await randomRun(seed)).toEqual(await randomRun(seed));
});

test.each([
  ["two schedulers queue tasks of one lease again, and one of them had found some of the tasks waiting", 4842],
])("seeds that once failed pass: %s", async (_, seed) => {
  expect(await seededRun(seed)).toEqual([]);
});

import { expect, test } from "vitest";
import { PLANTED_BUGS } from "./planted-bugs.ts";
import { randomRun } from "./random-run.ts";

/** `FANTAIL_SIM_RUNS=5000 npx vitest run test/simulation` looks longer; `FANTAIL_SIM_FIRST` is the first seed. */
const FIRST = Number(process.env.FANTAIL_SIM_FIRST ?? 1);
const RUNS = Number(process.env.FANTAIL_SIM_RUNS ?? 15);

/** How many seeds a planted bug may hide from. */
const SEARCH = 60;

test.each([
  ["without faults", false],
  ["with faults", true],
])(
  "random clusters, jobs and aborts %s: each task has its one outcome, and nothing is left over",
  { timeout: 3_600_000 },
  async (_, faults) => {
    for (let seed = FIRST; seed < FIRST + RUNS; seed++) {
      const { wrong } = await randomRun(seed, { faults });
      expect({ seed, faults, wrong }).toEqual({ seed, faults, wrong: [] });
    }
  },
);

test("a seed repeats a run exactly", async () => {
  for (const seed of [3, 7]) expect(await randomRun(seed)).toEqual(await randomRun(seed));
});

test.each(PLANTED_BUGS)(
  "the simulation finds that $name",
  { timeout: 300_000 },
  async ({ options, found, seed: first = 1 }) => {
    for (let seed = first; seed < first + SEARCH; seed++) {
      const { wrong } = await randomRun(seed, options);
      if (wrong.some((what) => found.test(what))) return;
    }
    expect.fail(`${SEARCH} runs from seed ${first} did not show it`);
  },
);

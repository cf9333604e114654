import fc from "fast-check";
import { expect, test } from "vitest";
import { runDag } from "./dag-run.ts";
import { drawnDag } from "./random-dag.ts";

/**
 * For a longer search: `FANTAIL_SIM_RUNS=5000 npx vitest run test/simulation/dags.test.ts`. `FANTAIL_SIM_FIRST` is the
 * seed.
 */
const SEED = Number(process.env.FANTAIL_SIM_FIRST ?? 1);
const RUNS = Number(process.env.FANTAIL_SIM_RUNS ?? 3);

test.each([
  ["without faults", false],
  ["with faults", true],
])(
  "in random graphs %s, each task ends as the model allows, none starts early, and nothing is left over",
  { timeout: 3_600_000 },
  async (_, faults) => {
    await fc.assert(
      fc.asyncProperty(drawnDag(), async (drawn) => {
        expect(await runDag(drawn, faults)).toEqual([]);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  },
);

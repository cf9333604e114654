import { expect, test } from "vitest";
import { PLANTED_BUGS } from "./planted-bugs.ts";
import { randomRun } from "./random-run.ts";

/** Maximum number of seeds to try until a planted bug shows. */
const SEARCH = 300;

test.each(PLANTED_BUGS)(
  "the simulation detects a scheduler with this bug: $name",
  { timeout: 300_000 },
  async ({ options, found, seed: first = 1 }) => {
    for (let seed = first; seed < first + SEARCH; seed++) {
      const { wrong } = await randomRun(seed, options);
      if (wrong.some((text) => found.test(text))) return;
    }
    expect.fail(`${SEARCH} runs from seed ${first} did not show it`);
  },
);

import { expect, test } from "vitest";
import { installMinistack } from "../contract/ministack-install.ts";
import { type ChaosStart, runChaos } from "./chaos-run.ts";
import { startEmbedded } from "./embedded-chaos.ts";
import { startMinistackChaos } from "./ministack-chaos.ts";

const MINUTES = 40 / 60;
/**
 * How long the cluster may take to come to rest, in seconds. Generous, since a busy machine takes longer: `npm run
 * chaos` asks for a minute.
 */
const REST_S = 180;

async function expectNothingLost(seed: number, start: ChaosStart): Promise<void> {
  const verdict = await runChaos({ seed, minutes: MINUTES, start, print: console.log });
  const { lost, doubled, wrong, processes, files, jobs, restedAfter, complaint } = verdict;
  console.log(`seed ${seed}: ${jobs} jobs, at rest after ${restedAfter} s`);
  const found = Object.entries({ lost, doubled, wrong, processes, files }).flatMap(([kind, cases]) =>
    cases.map((one) => `${kind}: ${one}`),
  );
  // The message of an assertion would show only the beginning of the list.
  if (found.length > 0) expect.fail([...found, complaint].join("\n"));
  expect(restedAfter).toBeLessThan(REST_S);
  expect(jobs).toBeGreaterThan(0);
}

test.each([1, 2, 3])("seed %i: under random faults nothing is lost, doubled, wrong or left", (seed) =>
  expectNothingLost(seed, startEmbedded),
);

const missing = await installMinistack();
if (missing !== undefined) console.log(`MiniStack is skipped: ${missing}`);

test.skipIf(missing !== undefined)("seed 4 on MiniStack: nothing is lost, doubled, wrong or left", () =>
  expectNothingLost(4, startMinistackChaos),
);

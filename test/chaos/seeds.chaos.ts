import { expect, test } from "vitest";
import { installMinistack } from "../contract/ministack-install.ts";
import { type ChaosStart, runChaos } from "./chaos-run.ts";
import { startEmbedded } from "./embedded-chaos.ts";
import { startMinistackChaos } from "./ministack-chaos.ts";

const MINUTES = 40 / 60;
const NOTHING = { lost: [], doubled: [], wrong: [], isLate: false, processes: [], files: [] };

async function expectNothingLost(seed: number, start: ChaosStart): Promise<void> {
  const verdict = await runChaos({ seed, minutes: MINUTES, start, print: console.log });
  const { lost, doubled, wrong, isLate, processes, files, jobs } = verdict;
  expect({ lost, doubled, wrong, isLate, processes, files }).toEqual(NOTHING);
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

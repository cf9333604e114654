import { afterAll, expect, test } from "vitest";
import { editedSimulation } from "./edited-simulation.ts";
import { PLANTED_EDITS } from "./planted-edits.ts";

/** Maximum number of runs to detect a planted edit. */
const SEARCH = 1000;

const runs = new Map<string, number>();

test.each(PLANTED_EDITS)("runs of the simulation detect this edit: $name", { timeout: 600_000 }, async (edit) => {
  const { seededRun } = await editedSimulation(edit);
  for (let seed = 1; seed <= SEARCH; seed++) {
    if ((await seededRun(seed)).length === 0) continue;
    runs.set(edit.name, seed);
    return;
  }
  expect.fail(`${SEARCH} runs did not show it`);
});

afterAll(() => {
  const counts = [...runs.values()].sort((a, b) => a - b);
  for (const [name, count] of runs) console.log(`${String(count).padStart(4)} runs: ${name}`);
  console.log(`${runs.size} edits detected, after a median of ${counts[counts.length >> 1]} runs`);
});

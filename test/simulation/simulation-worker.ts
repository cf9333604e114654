import { parentPort, workerData } from "node:worker_threads";
import { kindOf, seededRun } from "./seeded-run.ts";

/** The seeds of a worker: every `step`-th seed from `first` on, below `end`. */
export interface Seeds {
  first: number;
  step: number;
  end: number;
  /** No run starts after this time, in epoch milliseconds. */
  until: number;
}

/** The result of a run. */
export interface SeedResult {
  seed: number;
  /** A description of the kind of run. */
  kind: string;
  wrong: string[];
}

const { first, step, end, until } = workerData as Seeds;
for (let seed = first; seed < end && Date.now() < until; seed += step) {
  const result: SeedResult = { seed, kind: kindOf(seed), wrong: await seededRun(seed) };
  parentPort?.postMessage(result);
}

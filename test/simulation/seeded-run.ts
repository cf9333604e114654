import fc from "fast-check";
import { chainedDag } from "./chained-dag.ts";
import { runDag } from "./dag-run.ts";
import { NO_FAULTS } from "./faults.ts";
import { type DrawnDag, drawnDag } from "./random-dag.ts";
import { type RunOptions, randomRun } from "./random-run.ts";

/** A kind of run: its name and its settings. */
type Kind =
  | { name: string; options: RunOptions }
  | { name: string; graph: (seed: number) => DrawnDag; faults: boolean };

const RECOVERY: RunOptions = { rates: NO_FAULTS, stranding: { rate: 0.05, stalls: 0 }, blackouts: 0 };

/** The kinds of runs: consecutive seeds take turns. Some kinds are listed more than once, to run more often. */
const KINDS: readonly [Kind, ...Kind[]] = [
  { name: "jobs with faults", options: {} },
  { name: "jobs without faults", options: { faults: false } },
  { name: "a graph with faults", graph: anyGraph, faults: true },
  { name: "jobs with faults, no stalls", options: { rates: { stall: 0 }, stranding: { rate: 0, stalls: 0 } } },
  { name: "jobs with aborts of what is claimed next", options: { abortsAtCursor: true } },
  { name: "jobs without faults", options: { faults: false } },
  { name: "a graph without faults", graph: anyGraph, faults: false },
  { name: "jobs with faults", options: {} },
  { name: "jobs with many retries", options: { flaky: true } },
  {
    name: "killed schedulers while a client waits",
    options: { ...RECOVERY, recovery: { ms: 15_000, attended: true } },
  },
  { name: "killed schedulers, nobody waits", options: { ...RECOVERY, recovery: { ms: 75_000, attended: false } } },
  { name: "jobs without faults", options: { faults: false } },
  { name: "chains with faults", graph: chainedDag, faults: true },
  { name: "chains without faults", graph: chainedDag, faults: false },
];

/** Describes the kind of a seed's run. */
export function kindOf(seed: number): string {
  return kindAt(seed).name;
}

function kindAt(seed: number): Kind {
  return KINDS[seed % KINDS.length] ?? KINDS[0];
}

/**
 * Makes the run of a seed, which determines its kind, cluster, jobs and faults.
 *
 * @param limits options to override, to find out which parts of the run matter
 * @returns the violations
 */
export async function seededRun(seed: number, limits: RunOptions = {}): Promise<string[]> {
  const kind = kindAt(seed);
  if ("options" in kind) {
    const rates = { ...kind.options.rates, ...limits.rates };
    return (await randomRun(seed, { ...kind.options, ...limits, rates })).wrong;
  }
  return runDag(kind.graph(seed), kind.faults, limits.tell ? { tell: limits.tell } : {});
}

function anyGraph(seed: number): DrawnDag {
  const [drawn] = fc.sample(drawnDag(), { seed, numRuns: 1 });
  if (!drawn) throw new Error(`no graph for seed ${seed}`);
  return drawn;
}

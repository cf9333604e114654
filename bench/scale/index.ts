import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { thisMachine } from "../machine.ts";
import { choose } from "../peers/compared-workloads.ts";
import { CHECKOUT } from "../peers/peer-folders.ts";
import { commit } from "../peers/results.ts";
import { type DriverRun, runDriver } from "../peers/run-driver.ts";
import { linesOf, type ScaleResult, type ScaleResults, writeScaleResults } from "./scale-results.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";

const RESULTS = join(CHECKOUT, "bench", "scale.json");
const DRIVER = fileURLToPath(new URL("scale-driver.js", import.meta.url));
/** How long a scenario may take, in seconds. */
const LIMIT_S = 900;

const Count = v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(10));

/**
 * `npm run bench -- --scale`: runs large jobs, and measures whether rate and memory stay within their bounds.
 *
 * @returns the exit code: 1 if a scenario failed, 2 if the options are wrong
 */
export async function runScale(argv: string[]): Promise<number> {
  let options: ReturnType<typeof optionsOf>;
  try {
    options = optionsOf(argv);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => interrupted.abort());
  const results: ScaleResults = {
    date: "",
    commit: commit(),
    machine: thisMachine(),
    scenarios: [],
    failures: {},
  };
  for (const scenario of options.scenarios) {
    if (interrupted.signal.aborted) break;
    try {
      const result = await measured(scenario, options, interrupted.signal);
      results.scenarios.push(result);
      for (const line of linesOf(result)) console.log(line);
    } catch (error) {
      results.failures[scenario.name] = error instanceof Error ? error.message : String(error);
      console.error(`${scenario.name}: ${results.failures[scenario.name]}`);
    }
  }
  results.date = new Date().toISOString();
  if (options.out !== undefined) writeScaleResults(options.out, results);
  return Object.keys(results.failures).length > 0 ? 1 : 0;
}

function optionsOf(argv: string[]) {
  const { values } = parseArgs({
    args: argv,
    options: {
      scale: { type: "boolean" },
      scenario: { type: "string" },
      n: { type: "string" },
      engines: { type: "string", default: "2" },
      limit: { type: "string", default: String(LIMIT_S) },
      out: { type: "string" },
    },
  });
  // A trial does not replace the results of a whole measurement.
  const isTrial = values.n !== undefined || values.scenario !== undefined;
  return {
    scenarios: choose("scenario", SCENARIOS, values.scenario),
    n: v.parse(v.optional(Count), values.n),
    engines: Number(values.engines),
    limitMs: Number(values.limit) * 1000,
    out: values.out ?? (isTrial ? undefined : RESULTS),
  };
}

async function measured(
  scenario: Scenario,
  { n: most = scenario.n, engines, limitMs }: Pick<ReturnType<typeof optionsOf>, "n" | "engines" | "limitMs">,
  signal: AbortSignal,
): Promise<ScaleResult> {
  const n = Math.min(most, scenario.n);
  const system = { command: [process.execPath, DRIVER] };
  const plan = { workload: scenario.name, n, engines };
  const { figures, processes } = await runDriver(system, plan, signal, limitMs);
  const of = (name: string) => figures[name] ?? Number.NaN;
  return {
    scenario: scenario.name,
    title: scenario.title,
    n,
    seconds: of("seconds"),
    tasksPerS: of("tasks_per_s"),
    deciles: Array.from({ length: 10 }, (_, at) => figures[`decile_${at + 1}`] ?? Number.NaN).filter(Number.isFinite),
    spread: of("spread"),
    calls: of("calls"),
    rows: of("rows"),
    ...processFigures(processes, n),
  };
}

const NAMES: Readonly<Record<string, string>> = {
  "scale-driver.js": "client",
  "scale-reader.js": "reader",
  "cloud-process.js": "cloud",
  "dynamodb-process.js": "dynamodb",
};

/** Returns the peak memory of the largest process of each kind, and the CPU time per task of all of them. */
function processFigures(processes: DriverRun["processes"], n: number): Pick<ScaleResult, "peakRssMb" | "cpuUsPerTask"> {
  const peakRssMb: Record<string, number> = {};
  const cpuUsPerTask: Record<string, number> = {};
  for (const { name, peakRssMb: mb, cpuMs } of processes) {
    const kind = NAMES[name] ?? (name.includes("Engine") ? "engine" : name);
    peakRssMb[kind] = Math.max(peakRssMb[kind] ?? 0, mb);
    cpuUsPerTask[kind] = (cpuUsPerTask[kind] ?? 0) + (cpuMs * 1000) / n;
  }
  return { peakRssMb, cpuUsPerTask };
}

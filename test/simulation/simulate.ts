import { rm } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { bundleSimulation, type Edit, type Simulation } from "./edited-simulation.ts";
import { PLANTED_EDITS } from "./planted-edits.ts";
import { CUT_NAMES, type Cut, cutArguments, cutRun, shrinkRun } from "./shrink-run.ts";
import type { SeedResult, Seeds } from "./simulation-worker.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    first: { type: "string", default: "1" },
    minutes: { type: "string" },
    jobs: { type: "string", default: "1" },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    bug: { type: "string" },
    without: { type: "string", default: "" },
    "at-most-jobs": { type: "string" },
    "at-most-tasks": { type: "string" },
  },
});

async function main(): Promise<number> {
  const edit = values.bug === undefined ? undefined : plantedEdit(values.bug);
  const path = await bundleSimulation(edit, "seeded-run.ts");
  try {
    const simulation: Simulation = await import(pathToFileURL(path).href);
    return values.seed === undefined ? await search(simulation, edit) : await repeat(simulation, whole(values.seed));
  } finally {
    await rm(path);
  }
}

/** Makes one run with the cut from the command line. Prints its events if `--trace` is set. */
async function repeat({ seededRun, kindOf }: Simulation, seed: number): Promise<number> {
  console.log(`seed ${seed}: ${kindOf(seed)}`);
  const tell = (at: number, text: string) => console.log(`${(at / 1000).toFixed(3).padStart(9)} s  ${text}`);
  const wrong = await seededRun(seed, { ...cutRun(cutOfArguments()), ...(values.trace ? { tell } : {}) });
  for (const text of wrong) console.log(`violated: ${text}`);
  console.log(wrong.length === 0 ? "nothing was violated" : `${wrong.length} violations`);
  return wrong.length === 0 ? 0 : 1;
}

/** Makes runs until one fails, prints their rate, and shrinks the run that failed. */
async function search(simulation: Simulation, edit: Edit | undefined): Promise<number> {
  const first = whole(values.first);
  const until = values.minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + 60_000 * Number(values.minutes);
  const forever = values.minutes !== undefined && values.seeds === undefined;
  const end = forever ? Number.POSITIVE_INFINITY : first + whole(values.seeds ?? "1000");
  const began = performance.now();
  const { runs, failed } = await runAll({ first, step: whole(values.jobs), end, until }, edit);
  const took = (performance.now() - began) / 60_000;
  const cpu = process.cpuUsage();
  const core = (cpu.user + cpu.system) / 60e6;
  console.log(
    `${runs} runs in ${took.toFixed(1)} min: ${Math.round(runs / took)} a minute, ${Math.round(runs / core)} in a minute of CPU time`,
  );
  if (!failed) {
    console.log(`${runs} passed, 0 failed, 0 skipped`);
    return 0;
  }
  const { seed, kind, wrong } = failed;
  console.log(`seed ${seed} (${kind}) fails:`);
  for (const text of wrong.slice(0, 10)) console.log(`  ${text}`);
  const cut = await shrinkRun((one) => simulation.seededRun(seed, cutRun(one)), wrong);
  const bug = values.bug === undefined ? "" : ` --bug "${values.bug}"`;
  const repeat = `npm run simulate -- --seed ${seed} --trace${bug}${cutArguments(cut)}`;
  console.log(`failed: seed ${seed} (${kind}): ${wrong[0]}. Repeat it: ${repeat}`);
  console.log(`${runs - 1} passed, 1 failed, 0 skipped`);
  return 1;
}

/** Makes the runs of the seeds in worker threads, until one fails. */
async function runAll(seeds: Seeds, edit: Edit | undefined) {
  const path = await bundleSimulation(edit, "simulation-worker.ts");
  let runs = 0;
  let failed: SeedResult | undefined;
  const workers = Array.from({ length: seeds.step }, (_, at) => {
    const workerData: Seeds = { ...seeds, first: seeds.first + at };
    return new Worker(path, { workerData, resourceLimits: { maxYoungGenerationSizeMb: 64 } });
  });
  const stop = () => Promise.all(workers.map((worker) => worker.terminate()));
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          worker.on("message", (result: SeedResult) => {
            runs++;
            if (failed || result.wrong.length === 0) return;
            failed = result;
            void stop();
          });
          worker.on("error", reject);
          worker.on("exit", () => resolve());
        }),
    ),
  );
  await rm(path);
  return { runs, failed };
}

function cutOfArguments(): Cut {
  const without = values.without === "all" ? CUT_NAMES : values.without.split(",").filter((name) => name !== "");
  const unknown = without.find((name) => !CUT_NAMES.includes(name));
  if (unknown !== undefined) throw new Error(`--without ${unknown}: must be among ${CUT_NAMES.join(", ")}`);
  const { "at-most-jobs": jobs, "at-most-tasks": tasks } = values;
  return {
    without,
    ...(jobs === undefined ? {} : { jobs: whole(jobs) }),
    ...(tasks === undefined ? {} : { tasks: whole(tasks) }),
  };
}

function plantedEdit(name: string): Edit {
  const found = PLANTED_EDITS.find((one) => one.name === name);
  if (!found) throw new Error(`--bug "${name}": must be one of\n${PLANTED_EDITS.map((one) => one.name).join("\n")}`);
  return found;
}

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new Error(`${text}: must be a whole number, 0 or more`);
  return number;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  },
);

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as v from "valibot";
import { median } from "./median.ts";

const run = promisify(execFile);
/**
 * How often each figure is measured. The first start of a cluster finds empty folders; later starts use what the first
 * one left there.
 */
const REPETITIONS = 5;
/** Code that makes a program print its CPU time, in microseconds, when it exits. */
const TELL_CPU =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("\\n"+JSON.stringify(process.cpuUsage())))';

const CpuUsage = v.pipe(v.string(), v.parseJson(), v.object({ user: v.number(), system: v.number() }));
const Uses = v.array(v.object({ name: v.string(), cpuMs: v.number(), rssMb: v.number() }));
/** The output of `first-result`. */
const FirstResult = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ started: v.number(), first: v.number(), used: Uses, idle: Uses }),
);
type FirstResult = v.InferOutput<typeof FirstResult>;

/** A figure about the start of a script. */
export interface StartFigure {
  metric: string;
  value: number;
  unit: string;
}

/** Measures how long users wait for an import, the command's help, and the first result of a cluster. */
export async function startFigures(engines: number): Promise<StartFigure[]> {
  const figures: StartFigure[] = [
    { metric: "node_cpu", value: await cpuMs("--eval", "0"), unit: "ms" },
    {
      metric: "import_cpu",
      value: await cpuMs("--eval", `import(${JSON.stringify(here("../client/index.js"))})`),
      unit: "ms",
    },
    { metric: "help_cpu", value: await cpuMs(fileURLToPath(here("../client/commands/cli.js")), "--help"), unit: "ms" },
  ];
  const folder = mkdtempSync(join(tmpdir(), "fantail-start-"));
  try {
    const env = { ...process.env, HOME: folder, TMPDIR: folder, FANTAIL_CACHE: join(folder, "cache") };
    const ever = await firstResult(engines, env);
    const warm: FirstResult[] = [];
    while (warm.length < REPETITIONS) warm.push(await firstResult(engines, env));
    figures.push(
      { metric: "first_ever_result", value: ever.first, unit: "ms" },
      { metric: "started", value: median(warm.map(({ started }) => started)), unit: "ms" },
      { metric: "first_result", value: median(warm.map(({ first }) => first)), unit: "ms" },
      { metric: "first_result_cpu", value: median(warm.map(({ used }) => sum(used, "cpuMs"))), unit: "ms" },
      { metric: "idle_rss", value: median(warm.map(({ idle }) => sum(idle, "rssMb"))), unit: "MB" },
    );
    for (const { name, cpuMs, rssMb } of warm.at(-1)?.idle ?? [])
      figures.push(
        { metric: `${name} cpu`, value: cpuMs, unit: "ms" },
        { metric: `${name} rss`, value: rssMb, unit: "MB" },
      );
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function here(path: string): string {
  return new URL(path, import.meta.url).href;
}

/** Returns the median CPU time of running Node with these arguments, in milliseconds. */
async function cpuMs(...argv: string[]): Promise<number> {
  const used: number[] = [];
  while (used.length < REPETITIONS) {
    const { stderr } = await run(process.execPath, ["--import", TELL_CPU, ...argv]);
    const { user, system } = v.parse(CpuUsage, stderr.slice(stderr.lastIndexOf("\n") + 1));
    used.push((user + system) / 1000);
  }
  return median(used);
}

async function firstResult(engines: number, env: NodeJS.ProcessEnv): Promise<FirstResult> {
  const { stdout } = await run(process.execPath, [fileURLToPath(here("first-result.js")), String(engines)], { env });
  return v.parse(FirstResult, stdout);
}

function sum(uses: FirstResult["used"], field: "cpuMs" | "rssMb"): number {
  return uses.reduce((total, use) => total + use[field], 0);
}

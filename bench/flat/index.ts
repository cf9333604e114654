import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { CHECKOUT } from "../peers/peer-folders.ts";
import { flatChart } from "./flat-chart.ts";
import { cpuSpread, type FlatResults, rateSpread, readFlatResults, writeFlatResults } from "./flat-results.ts";
import { measureFlat } from "./measure-flat.ts";

const RESULTS = join(CHECKOUT, "bench", "flat.json");
const CHART = join(CHECKOUT, "docs", "flat.svg");

const Count = v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(1));
const Counts = v.pipe(
  v.string(),
  v.transform((text) => text.split(",").filter((word) => word !== "")),
  v.array(Count),
);

/**
 * `npm run bench -- --flat`: measures whether a task costs the same on more engines and in larger maps.
 *
 * @returns the exit code: 1 if a run failed, 2 if the options are wrong
 */
export async function runFlat(argv: string[]): Promise<number> {
  let options: ReturnType<typeof optionsOf>;
  try {
    options = optionsOf(argv);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  if (options.redraw) {
    writeFileSync(CHART, flatChart(readFlatResults(RESULTS)));
    return 0;
  }
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => interrupted.abort());
  try {
    const results = await measureFlat({
      ...options,
      signal: interrupted.signal,
      say: (line) => console.log(line),
    });
    for (const line of summaryOf(results)) console.log(line);
    save(results, options);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

function optionsOf(argv: string[]) {
  const { values } = parseArgs({
    args: argv,
    options: {
      flat: { type: "boolean" },
      n: { type: "string" },
      engines: { type: "string" },
      repeat: { type: "string", default: "3" },
      out: { type: "string" },
      redraw: { type: "boolean", default: false },
    },
  });
  // A trial, which names its points, measures no others and does not replace the results of a whole measurement.
  const isTrial = values.n !== undefined || values.engines !== undefined;
  return {
    redraw: values.redraw,
    out: values.out,
    engines: v.parse(Counts, values.engines ?? (isTrial ? "" : "1,2,4,8,16")),
    tasks: v.parse(Counts, values.n ?? (isTrial ? "" : "1000,3000,10000,30000,100000,1000000")),
    repetitions: v.parse(Count, values.repeat),
    isTrial,
  };
}

function save(results: FlatResults, { out, isTrial }: Pick<ReturnType<typeof optionsOf>, "out" | "isTrial">): void {
  if (out !== undefined) {
    writeFlatResults(out, results);
    writeFileSync(`${out.replace(/\.json$/, "")}.svg`, flatChart(results));
  } else if (!isTrial) {
    writeFlatResults(RESULTS, results);
    writeFileSync(CHART, flatChart(results));
    console.log(`written: ${RESULTS} and ${CHART}`);
  }
}

/** Returns the verdicts, and the CPU and memory of the processes at each point. */
function summaryOf(results: FlatResults): string[] {
  const { byEngines, byTasks, piscina, seconds } = results;
  const points = [...byEngines, ...byTasks].map(({ n, engines, cpuMsByProcess, peakRssMb }) => {
    const parts = Object.entries(cpuMsByProcess)
      .sort(([, one], [, other]) => other - one)
      .map(([name, ms]) => `${name} ${(ms * 1000).toFixed(1)} µs, ${Math.round(peakRssMb[name] ?? 0)} MB`);
    return `${n} tasks on ${engines}: ${parts.join("; ")}`;
  });
  const shares = piscina.map(({ n, tasksPerS }) => {
    const own = byTasks.find((point) => point.n === n)?.tasksPerS ?? Number.NaN;
    return `${n} tasks: ${(own / tasksPerS).toFixed(2)} of piscina's rate`;
  });
  return [
    ...points,
    ...shares,
    `CPU a task by engines: the largest is ${cpuSpread(results).toFixed(2)} times the smallest`,
    `tasks a second from 10,000 tasks on: the best is ${rateSpread(results).toFixed(2)} times the worst`,
    `${seconds} seconds`,
  ];
}

import { parseArgs } from "node:util";
import { trendOf } from "./slope.ts";
import { soak } from "./soak-run.ts";

/**
 * `npm run soak -- --hours 1 [--seed 7]`, or `--minutes 15`: runs a steady mixed load, and judges whether memory,
 * descriptors, rows and files grow. Exits with 1 if one does, or if an outcome is wrong. Runs of less than ten minutes are
 * too short for a verdict.
 */
const { values } = parseArgs({
  options: {
    hours: { type: "string" },
    minutes: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const minutes = values.minutes === undefined ? Number(values.hours ?? 1) * 60 : Number(values.minutes);
if (!(minutes > 0)) throw new Error("--hours and --minutes take a number above 0");
const seed = Number(values.seed);
console.log(`soak for ${minutes} minutes, seed ${seed}`);
const { samples, jobs, rounds, wrong } = await soak({ minutes, seed, print: (line) => console.log(line) });
for (const line of wrong.slice(0, 20)) console.log(`wrong: ${line}`);
console.log(`${jobs} jobs in ${rounds} rounds; change per hour with its 95 % interval:`);
let isSound = wrong.length === 0 && jobs > 0;
for (const [name, { unit, material, samples: series }] of samples.series) {
  const { perHour, low, high, level, verdict } = trendOf(series, material);
  if (verdict === "growing") isSound = false;
  const [at, change, from, to] = [level, perHour, low, high].map((value) => value.toFixed(1));
  console.log(`${name.padEnd(22)} ${`${at} ${unit}`.padStart(10)}  ${change} [${from}, ${to}]  ${verdict}`);
}
process.exitCode = isSound ? 0 : 1;

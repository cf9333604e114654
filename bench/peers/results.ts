import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { Machine, thisMachine } from "../machine.ts";
import { PYTHON } from "./install.ts";
import { CHECKOUT } from "./peer-folders.ts";

const Spread = v.object({ median: v.number(), min: v.number(), max: v.number(), values: v.array(v.number()) });
const Ratio = v.object({ ofMedians: v.number(), min: v.number(), max: v.number() });
const Named = <T extends v.GenericSchema>(schema: T) => v.record(v.string(), schema);
const Text = v.string();

/** The results of a comparison, as stored in `bench/results.json`. */
export const Results = v.object({
  /** When the comparison ended. */
  date: Text,
  commit: Text,
  machine: v.object({ ...Machine.entries, python: Text }),
  engines: v.number(),
  repetitions: v.number(),
  versions: Named(Text),
  notes: Named(v.array(Text)),
  /** Peers that could not be installed, and why. */
  notInstalled: Named(Text),
  /** Reasons why workloads were not run, by system and workload. */
  notRun: Named(Named(Text)),
  /** Runs that failed, for example with a wrong result. */
  failures: v.array(v.object({ system: Text, workload: Text, repetition: v.number(), reason: Text })),
  metrics: v.array(
    v.object({
      workload: Text,
      metric: Text,
      unit: Text,
      better: v.picklist(["higher", "lower"]),
      title: Text,
      systems: Named(Spread),
      ratios: Named(Ratio),
    }),
  ),
  /** Medians of CPU time in milliseconds per task, by workload and system. */
  cpuMsPerTask: Named(Named(v.number())),
});
export type Results = v.InferOutput<typeof Results>;

/** Describes this machine and its Python. */
export function machine(): Results["machine"] {
  return { ...thisMachine(), python: firstLine(PYTHON, "--version") };
}

/** Returns the id of the checked-out commit, and whether files differ from it. */
export function commit(): string {
  const id = firstLine("git", "rev-parse", "--short", "HEAD");
  return firstLine("git", "status", "--porcelain", "--untracked-files=no") === "" ? id : `${id} with changes`;
}

/** Returns fantail's version. */
export function ownVersion(): string {
  return v.parse(v.object({ version: v.string() }), JSON.parse(readFileSync(join(CHECKOUT, "package.json"), "utf8")))
    .version;
}

export function readResults(file: string): Results {
  return v.parse(Results, JSON.parse(readFileSync(file, "utf8")));
}

export function writeResults(file: string, results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, (_, value) => rounded(value), 2)}\n`);
}

/** Rounds to four digits, more than the benchmark's precision. */
const rounded = (value: unknown) =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;

function firstLine(file: string, ...argv: string[]): string {
  try {
    return (
      execFileSync(file, argv, { cwd: CHECKOUT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).split(
        "\n",
      )[0] ?? ""
    );
  } catch {
    return "unknown";
  }
}

import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { meterCost, usageFigures } from "../bench/figure.ts";
import type { AsyncResult } from "../client/index.ts";
import type { Meter } from "../client/local/index.ts";
import { printTable } from "./print-table.ts";

/** Prints each engine's share of a map. Time spent fetching arguments does not count as busy. */
export async function printEngineShares(job: AsyncResult<unknown[]>, wallMs: number): Promise<void> {
  const metadata = await job.metadata();
  const perEngine = new Map<number, { tasks: number; busyMs: number }>();
  for (const { engineId, started, completed } of Array.isArray(metadata) ? metadata : [metadata]) {
    const engine = perEngine.get(engineId ?? -1) ?? { tasks: 0, busyMs: 0 };
    perEngine.set(engineId ?? -1, engine);
    engine.tasks++;
    engine.busyMs += (completed?.getTime() ?? 0) - (started?.getTime() ?? 0);
  }
  printTable(
    ["engine", "tasks", "busy", "of the wall time"],
    [...perEngine]
      .sort(([a], [b]) => a - b)
      .map(([id, { tasks, busyMs }]) => [
        String(id),
        String(tasks),
        seconds(busyMs),
        `${((100 * busyMs) / wallMs).toFixed(0)} %`,
      ]),
  );
}

/** Writes which engine ran what, and when, to a page, and prints where it is. */
export async function writeTimeline(job: AsyncResult<unknown>, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await job.timeline(file);
  console.log(`timeline    ${file}`);
}

/** The times of one run, in milliseconds. */
export interface RunTimes {
  /** From nothing to a connected client. */
  startMs: number;
  /** Time of the same work in a plain loop, in the client's own process. */
  loopMs: number;
  /** From the call of `map` to the last result. */
  wallMs: number;
  /** Whether `startMs` includes starting an embedded cloud. */
  local: boolean;
}

/** Prints how long the plain loop and the engines took and, separately, how long the start took. */
export function printSpeedup({ startMs, loopMs, wallMs, local }: RunTimes): void {
  console.log(`plain loop  ${seconds(loopMs)}`);
  console.log(`on engines  ${seconds(wallMs)}, ${(loopMs / wallMs).toFixed(2)} times as fast`);
  console.log(`before it   ${seconds(startMs)} to ${local ? "start the embedded cloud" : "connect"}`);
}

/** Prints what everything that the meter has counted would cost on AWS. */
export function printCosts(meter: Meter, tasks: number): void {
  const figures = new Map(usageFigures(meter, tasks).map(({ metric, value }) => [metric, value]));
  const per = (metric: string, digits: number) => (figures.get(metric) ?? 0).toFixed(digits);
  const { usd, requests, compute, tables, blobs, transfer } = meterCost(meter);
  console.log(
    `on AWS      $${usd.toFixed(5)}: $${compute.toFixed(5)} for run time, $${requests.toFixed(5)} for requests, ` +
      `$${(tables + blobs).toFixed(5)} for tables and storage, $${transfer.toFixed(5)} for transfer`,
  );
  console.log(
    `per task    ${per("sdk_calls_per_task", 3)} calls, ${per("wru_per_task", 3)} WRU, ` +
      `${per("invocations_per_task", 4)} invocations; $${per("usd_per_million", 2)} per million tasks, run time excluded`,
  );
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

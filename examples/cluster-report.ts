import { usageFigures } from "../bench/figure.ts";
import type { AsyncResult } from "../client/index.ts";
import type { Meter } from "../client/local/index.ts";
import { printTable } from "./print-table.ts";

/**
 * Prints each engine's share of a map, the speedup over a single engine, and the cost.
 *
 * @param meter the cloud's counts; undefined if the client cannot read any
 */
export async function printClusterReport(
  job: AsyncResult<unknown[]>,
  meter: Meter | undefined,
  wallMs: number,
): Promise<void> {
  const metadata = await job.metadata();
  const tasks = Array.isArray(metadata) ? metadata : [metadata];
  const perEngine = new Map<number, { tasks: number; busyMs: number }>();
  for (const { engineId, started, completed } of tasks) {
    const engine = perEngine.get(engineId ?? -1) ?? { tasks: 0, busyMs: 0 };
    perEngine.set(engineId ?? -1, engine);
    engine.tasks++;
    engine.busyMs += (completed?.getTime() ?? 0) - (started?.getTime() ?? 0);
  }
  printTable(
    ["engine", "tasks", "busy", "of the wall time"],
    [...perEngine]
      .sort(([a], [b]) => a - b)
      .map(([id, { tasks: count, busyMs }]) => [
        String(id),
        String(count),
        `${(busyMs / 1000).toFixed(2)} s`,
        `${((100 * busyMs) / wallMs).toFixed(0)} %`,
      ]),
  );
  const serialMs = await job.serialTimeMs();
  console.log(
    `\nwall ${(wallMs / 1000).toFixed(2)} s, serial ${(serialMs / 1000).toFixed(2)} s: ${(serialMs / wallMs).toFixed(2)} tasks at once on average`,
  );
  if (!meter) return;
  const figures = new Map(usageFigures(meter, tasks.length).map(({ metric, value }) => [metric, value]));
  const per = (metric: string, digits: number) => (figures.get(metric) ?? 0).toFixed(digits);
  console.log(
    `per task: ${per("sdk_calls_per_task", 3)} calls, ${per("wru_per_task", 3)} WRU, ${per("invocations_per_task", 4)} invocations; ` +
      `$${per("usd_per_million", 2)} per million tasks, compute excluded`,
  );
}

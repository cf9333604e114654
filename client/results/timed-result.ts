import type { Cost } from "../cost/cost.ts";
import { PrintedResult } from "./printed-result.ts";
import { resultCost } from "./result-cost.ts";
import { INSIDE } from "./result-facts.ts";
import { type TimelineBar, timeline } from "./result-timeline.ts";
import { earliestSubmission, serialTime, type TaskTime, type TimeSpan, timedelta, wallTime } from "./result-times.ts";

/** Adds the times and the cost of the tasks to a result. */
export abstract class TimedResult<T> extends PrintedResult<T> {
  /**
   * Milliseconds since submission; once all tasks have finished, the same as `wallTimeMs`. Polls once.
   *
   * @example
   * console.log(`running for ${await result.elapsedMs()} ms`);
   */
  async elapsedMs(): Promise<number> {
    const { ports, reader } = this[INSIDE];
    const { items } = await reader.polled();
    return items.missingTasks === 0 ? wallTime(items) : ports.clock.now() - earliestSubmission(items);
  }

  /**
   * Milliseconds from submission to the last outcome. Waits until all tasks have finished.
   *
   * @example
   * const speedup = (await result.serialTimeMs()) / (await result.wallTimeMs());
   */
  async wallTimeMs(): Promise<number> {
    return wallTime(await this[INSIDE].reader.waited());
  }

  /**
   * Sum of the milliseconds that the tasks ran. Waits until all have finished. A task that never started counts 0.
   *
   * @example
   * console.log(`${await result.serialTimeMs()} ms of work`);
   */
  async serialTimeMs(): Promise<number> {
    return serialTime(await this[INSIDE].reader.waited());
  }

  /**
   * Milliseconds from one of the tasks' recorded times to another: by default from the earliest `start` to the latest
   * `end`. Waits until all tasks have finished. NaN if no task has such a time, for example if none ever started.
   *
   * @param start default `submitted`
   * @param end default `received`
   * @example
   * // How long the first task waited:
   * await result.timedelta("submitted", "started", { endPick: "min" });
   */
  async timedelta(start: TaskTime = "submitted", end: TaskTime = "received", span: TimeSpan = {}): Promise<number> {
    return timedelta(await this[INSIDE].reader.waited(), start, end, span);
  }

  /**
   * All attempts that have ended so far, ordered by start: which engine ran each, from when to when. Polls once.
   *
   * With a file, also writes them there, by its extension: `.html`, a page to look at in any browser, without a
   * network; `.svg`, a picture; or `.json`, Chrome's trace events, which ui.perfetto.dev opens. The file also shows
   * refusals, and tasks that ended before they started. For several results, see `client.timeline`.
   *
   * @param file path of the file, which is replaced if it exists. Default: no file
   * @throws InvalidFlag for another extension, or a folder that does not exist, before anything is read
   * @example
   * for (const { engineId, start, end } of await result.timeline()) console.log(engineId, start, end);
   * await result.timeline("run.html");
   */
  async timeline(file?: string): Promise<TimelineBar[]> {
    const { ports, reader } = this[INSIDE];
    return timeline(ports, file, async () => (await reader.polled()).items.parts);
  }

  /**
   * What the tasks have cost so far in US dollars, at AWS's list prices: run time of engines and scheduler, requests,
   * tables, S3 and transfer. Polls once and reads the row of each job.
   *
   * Includes the usage of each engine and scheduler process up to the last outcome that it wrote, and this client's own
   * calls. Later usage of a process, such as the last milliseconds of an invocation, is charged to the next job that it
   * serves. Excludes cold starts, monthly storage and logs.
   *
   * @example
   * const { usd, compute, tables } = await result.cost();
   * console.log(`$${usd.toFixed(4)}, of which $${compute.toFixed(4)} for run time and $${tables.toFixed(4)} for tables`);
   */
  async cost(): Promise<Cost> {
    const { ports, reader } = this[INSIDE];
    const { items } = await reader.polled();
    return resultCost(ports, items.parts);
  }
}

import { PrintedResult } from "./printed-result.ts";
import { runCost } from "./result-cost.ts";
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
   * @example
   * for (const { engineId, start, end } of await result.timeline()) console.log(engineId, start, end);
   */
  async timeline(): Promise<TimelineBar[]> {
    const { items } = await this[INSIDE].reader.polled();
    return timeline(items);
  }

  /**
   * US dollars for the engines' run time so far, all attempts included, at AWS's list price. A lower bound: idle time,
   * requests and tables are not included. Polls once.
   *
   * @example
   * console.log(`$${(await result.cost()).toFixed(4)}`);
   */
  async cost(): Promise<number> {
    const { ports, reader } = this[INSIDE];
    const { items } = await reader.polled();
    let usd = 0;
    for (const { outcomes, from, to } of items.parts)
      for (let task = from; task < to; task++) usd += runCost(outcomes.attempts(task), ports.cluster.pools);
    return usd;
  }
}

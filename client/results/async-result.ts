import { InvalidArgument } from "../../lambdas/protocol/invalid-argument.ts";
import { abortable } from "../cluster/abortable.ts";
import type { WaitOptions } from "../flags/wait-options.ts";
import { type AbortReport, abortTasks } from "../outcomes/abort-report.ts";
import { TaskSource } from "../outcomes/task-source.ts";
import type { OutputTargets, TextOutput } from "./output-printer.ts";
import { type ProgressOutput, waitInteractive } from "./progress-bar.ts";
import { type ByEngine, byEngine } from "./result-engines.ts";
import { INSIDE, type PerItem, type ResultInfo } from "./result-facts.ts";
import type { ResultItems } from "./result-items.ts";
import { iterated } from "./result-iteration.ts";
import type { GetOptions, ShownWait } from "./result-options.ts";
import { joinedSource, tasksOf } from "./result-parts.ts";
import type { ResultPorts } from "./result-ports.ts";
import type { Progress } from "./result-progress.ts";
import type { TimelineBar } from "./result-timeline.ts";
import type { TaskTime, TimePick, TimeSpan } from "./result-times.ts";
import { endsWaiting, type ReturnWhen } from "./return-when.ts";
import { taskValue } from "./task-value.ts";
import { type TaskWait, waitForTasks } from "./task-wait.ts";
import { TimedResult } from "./timed-result.ts";
import { typedValue } from "./typed-value.ts";

/** The type of the items of a result of type `T`: of the elements for a list, otherwise `T` itself. */
export type ItemOf<T> = T extends readonly (infer Item)[] ? Item : T;

/** Tasks that have finished and tasks that have not, each as a result of its own. */
export type TaskSets = Record<"done" | "pending", AsyncResult<unknown>[]>;

/**
 * The result of an apply or a map, finished or not: a Promise of the value, and an AsyncIterable over the items.
 *
 * Its tasks are submitted whether or not it is awaited, but it polls for outcomes only while something awaits it. A
 * failed task that nothing awaits raises no unhandledRejection.
 *
 * @example
 * const squares = view.map((x: number) => x * x, [1, 2, 3]);
 * console.log(squares.jobId, await squares); // [1, 4, 9]
 */
export class AsyncResult<T, Item = ItemOf<T>> extends TimedResult<T> implements AsyncIterable<Item> {
  override readonly [Symbol.toStringTag] = "AsyncResult";

  /**
   * Joins several results into one, in order: the inverse of `split()`. A value counts as one item, a list as its
   * items.
   *
   * @throws TypeError if called without a result
   * @example
   * const both = AsyncResult.join(view.map(square, [1, 2]), view.map(square, [3]));
   * console.log(await both); // [1, 4, 9]
   */
  static join<Item>(...results: readonly AsyncResult<unknown, Item>[]): AsyncResult<Item[]> {
    const [first] = results;
    if (first === undefined) throw new InvalidArgument("AsyncResult.join needs at least one result");
    const readers = results.map((result) => result[INSIDE].reader);
    return new AsyncResult<Item[]>(first[INSIDE].ports, { loaded: joinedSource(readers), jobId: undefined });
  }

  protected override begin(): Promise<T> {
    return this.get();
  }

  /**
   * Waits until all tasks have finished and returns the value. Awaiting the result is the same as `get()`.
   *
   * @throws ResultTimeout after `timeoutMs`; the signal's reason if it is aborted; the error of a failed apply, or a
   * CompositeError for a map; the error of a submission that was refused; TaskAborted if the view's signal was aborted
   * before anything was submitted
   * @example
   * const values = await mapped.get({ timeoutMs: 60_000, returnExceptions: true });
   */
  get(options: GetOptions = {}): Promise<T> {
    const inside = this[INSIDE];
    const isOne = inside.source instanceof TaskSource && options.timeoutMs === undefined;
    return typedValue(isOne ? taskValue(inside.ports, inside.source, options) : inside.reader.value(options));
  }

  /**
   * Waits until all tasks have finished, without reading the value.
   *
   * @returns whether all tasks finished in time, whatever their outcome
   * @throws the signal's reason if it is aborted; the submission's error if it was refused; ClusterError if the client
   * was closed
   * @example
   * if (!(await result.wait({ timeoutMs: 5000 }))) console.log("still running");
   */
  async wait(options?: WaitOptions & { returnWhen?: undefined }): Promise<boolean>;
  /**
   * Waits until the condition `returnWhen` holds.
   *
   * @returns which tasks had finished by then and which had not, each as a result of its own
   * @throws InvalidFlag for an unknown `returnWhen`; the signal's reason if it is aborted
   * @example
   * const { done, pending } = await mapped.wait({ returnWhen: "FIRST_COMPLETED" });
   */
  async wait(options: WaitOptions & { returnWhen: ReturnWhen }): Promise<TaskSets>;
  async wait({
    returnWhen,
    ...options
  }: WaitOptions & { returnWhen?: ReturnWhen | undefined } = {}): Promise<boolean | TaskSets> {
    return this.#wait(returnWhen, options, (items, wait) => waitForTasks(this[INSIDE].ports, items.parts, wait));
  }

  /**
   * Whether all tasks have finished. Polls once.
   *
   * @example
   * if (await result.ready()) console.log(await result);
   */
  async ready(): Promise<boolean> {
    return this.wait({ timeoutMs: 0 });
  }

  /**
   * Whether all items succeeded. Polls once.
   *
   * @throws NotReady while a task has not finished
   * @example
   * await result.wait();
   * console.log(await result.successful());
   */
  async successful(): Promise<boolean> {
    const { ports, reader } = this[INSIDE];
    const { items } = await reader.ended("successful()");
    ports.unawaited.awaited(items.parts);
    for (const place of items.places()) if (await items.readError(place)) return false;
    return true;
  }

  /**
   * Aborts the result's tasks. Queued tasks end at once as TaskAborted, running tasks end soon, and finished tasks are
   * unchanged.
   *
   * @returns the task ids, grouped by what the abort did to the tasks, once the scheduler has recorded it
   * @example
   * const { aborted, stopping } = await result.abort();
   */
  async abort(): Promise<AbortReport> {
    const { ports, reader } = this[INSIDE];
    const { items } = await reader.load();
    return abortTasks(ports, items.parts);
  }

  /**
   * Splits the result into one result per task, in order: for an unchunked map one per item, for a chunked map one list
   * per chunk. `AsyncResult.join` is the inverse.
   *
   * @example
   * for (const one of await mapped.split()) console.log(await one);
   */
  async split(): Promise<AsyncResult<unknown, Item>[]> {
    const { ports, source, reader } = this[INSIDE];
    const { items } = await reader.load();
    const { returnExceptions } = source;
    return tasksOf(items).map(
      ({ loaded, taskId }) => new AsyncResult<unknown, Item>(ports, { loaded, jobId: taskId, returnExceptions }),
    );
  }

  /**
   * Groups the items by the id of the engine that ran them, in the order of the result. Items that no engine ran are
   * omitted; they occur only with `returnExceptions`.
   *
   * @throws as `get`
   * @example
   * const { 0: ofEngineZero = [] } = await mapped.byEngine();
   */
  async byEngine(options: GetOptions = {}): Promise<ByEngine<Item>> {
    const { reader } = this[INSIDE];
    const { items, values } = await abortable(options.signal, () => reader.values(options));
    return byEngine<Item>(items, typedValue(values));
  }

  /**
   * Like `wait`, and shows progress: a bar on a terminal, otherwise lines at growing intervals of 5 to 60 seconds. If
   * the environment variable `CI` is set, it shows lines on a terminal too; if `NO_PROGRESS` is set, it shows nothing.
   *
   * @example
   * await mapped.waitInteractive();
   */
  async waitInteractive(options?: ShownWait & { returnWhen?: undefined }): Promise<boolean>;
  async waitInteractive(options: ShownWait & { returnWhen: ReturnWhen }): Promise<TaskSets>;
  async waitInteractive({
    returnWhen,
    output,
    ...options
  }: ShownWait & { returnWhen?: ReturnWhen | undefined } = {}): Promise<boolean | TaskSets> {
    return this.#wait(returnWhen, options, (items, wait) => waitInteractive(this[INSIDE].ports, items, wait, output));
  }

  /**
   * Iterates over the items, in input order, or as they complete with the view's `ordered: false`. A failed item ends
   * the iteration with its error (for a map, a CompositeError that names the item); with `returnExceptions` the error
   * is yielded as a value.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    const { ports, source, reader } = this[INSIDE];
    const loaded = await reader.load();
    ports.unawaited.awaited(loaded.items.parts);
    for await (const value of iterated(ports, loaded, source)) yield typedValue(value);
  }

  #wait(
    returnWhen: ReturnWhen | undefined,
    options: WaitOptions,
    waiting: (items: ResultItems, wait: TaskWait) => Promise<boolean>,
  ): Promise<boolean | TaskSets> {
    const { ports, reader } = this[INSIDE];
    return abortable(options.signal, async () => {
      const until = endsWaiting(returnWhen);
      const loaded = await reader.loadWithin(returnWhen === undefined ? options.timeoutMs : 0);
      if (!loaded) return false;
      options.signal?.throwIfAborted();
      const { items } = loaded.source;
      const timeoutMs = returnWhen === undefined ? loaded.leftMs : options.timeoutMs;
      const isDone = await waiting(items, { ...options, timeoutMs, until });
      return returnWhen === undefined ? isDone : taskSets(ports, items);
    });
  }
}

/** Types of the arguments and results of a result's methods. */
export declare namespace AsyncResult {
  export type {
    ByEngine,
    ItemOf,
    OutputTargets,
    PerItem,
    Progress,
    ProgressOutput,
    ResultInfo as Info,
    TaskSets,
    TaskTime,
    TextOutput,
    TimelineBar,
    TimePick,
    TimeSpan,
  };
}

function taskSets(ports: ResultPorts, items: ResultItems): TaskSets {
  const sets: TaskSets = { done: [], pending: [] };
  for (const { part, taskId, loaded } of tasksOf(items)) {
    const one = new AsyncResult<unknown>(ports, { loaded, jobId: taskId });
    sets[part.outcomes.isFinal(part.from) ? "done" : "pending"].push(one);
  }
  return sets;
}

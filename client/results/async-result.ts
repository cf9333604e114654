import type { ParentRange } from "../../lambdas/protocol/dependency.ts";
import { CompositeError, FantailError } from "../../lambdas/protocol/errors.ts";
import { INSPECT } from "../../lambdas/protocol/inspection.ts";
import type { ResultReference } from "../../lambdas/protocol/spec-page.ts";
import type { ClientCore } from "../client-core.ts";
import { abortable } from "../cluster/abortable.ts";
import { type AbortReport, abortTasks } from "../outcomes/abort-report.ts";
import { LazyPromise } from "../flags/lazy-promise.ts";
import type { OutputTargets } from "./output-printer.ts";
import { type ProgressOutput, waitInteractive } from "./progress-bar.ts";
import { runCost } from "./result-cost.ts";
import { type ByEngine, byEngine } from "./result-engines.ts";
import { inspectedResult } from "./result-inspection.ts";
import type { ResultItems, ResultPart } from "./result-items.ts";
import { asCompleted, inOrder } from "./result-iteration.ts";
import { allMetadata, type TaskMetadata } from "./result-metadata.ts";
import { parentRanges, type ResultItem, resultItems, resultReference } from "./result-parents.ts";
import { joinedParts, tasksOf } from "./result-parts.ts";
import { ResultReader } from "./result-reader.ts";
import type { LoadedSource, ResultSource } from "../outcomes/result-source.ts";
import { type TimelineBar, timeline } from "./result-timeline.ts";
import { earliestSubmission, serialTime, type TaskTime, type TimeSpan, timedelta, wallTime } from "./result-times.ts";
import { streamOutput } from "./stream-output.ts";
import { type TaskWait, waitForTasks } from "./task-wait.ts";
import { endsWaiting, type ReturnWhen, type WaitOptions } from "../flags/wait-options.ts";

/** The items of a result of type `T`: of a list its elements, of anything else itself. */
export type ItemOf<T> = T extends readonly (infer Item)[] ? Item : T;

/** Of an apply one, of a map one for each item. */
export type PerItem<T, One> = T extends readonly unknown[] ? One[] : One;

/** How to wait, and where progress is shown: by default on this process's stderr. */
type ShownWait = WaitOptions & { output?: ProgressOutput | undefined };

export interface ResultInfo {
  jobId: string | undefined;
  label: string | undefined;
  /** Items. */
  length: number;
  tasks: number;
  submitted: Date | undefined;
}

let parentsOf: (result: AsyncResult<unknown, unknown>) => ParentRange[];
let referenceOf: (result: AsyncResult<unknown, unknown>) => ResultReference;

/** The tasks of a result as something to depend on; of one made from a bare job id, whatever tasks that has. */
export function parentsOfResult(result: AsyncResult<unknown, unknown>): ParentRange[] {
  return parentsOf(result);
}

/** The result as an argument: the engine is given its value. */
export function referenceToResult(result: AsyncResult<unknown, unknown>): ResultReference {
  return referenceOf(result);
}

let itemsOf: (result: AsyncResult<unknown, unknown>) => ResultItem[] | undefined;

/** The items of a map's result, each as an argument by itself; `undefined` while it is not known how many there are. */
export function itemsOfResult(result: AsyncResult<unknown, unknown>): ResultItem[] | undefined {
  return itemsOf(result);
}

let coreOf: (result: AsyncResult<unknown, unknown>) => ClientCore;

/** The client whose result it is. */
export function coreOfResult(result: AsyncResult<unknown, unknown>): ClientCore {
  return coreOf(result);
}

let loadOf: (result: AsyncResult<unknown, unknown>) => Promise<LoadedSource>;

/** The tasks of a result, for the client's own calls about it. */
export async function tasksOfResult(result: AsyncResult<unknown, unknown>): Promise<readonly ResultPart[]> {
  const { items } = await loadOf(result);
  return items.parts;
}

/**
 * The result of an apply or a map, there or still to come: a Promise, and an AsyncIterable over its items.
 *
 * The tasks were submitted when it was made; it asks for outcomes only while somebody waits. One that fails and
 * that nobody awaits raises no unhandledRejection.
 */
export class AsyncResult<T, Item = ItemOf<T>> extends LazyPromise<T> implements AsyncIterable<Item> {
  override readonly [Symbol.toStringTag] = "AsyncResult";
  readonly #core: ClientCore;
  readonly #source: ResultSource<T>;
  readonly #reader: ResultReader;

  static {
    loadOf = (result) => result.#reader.load();
    parentsOf = (result) => parentRanges(result.#reader.loaded, result.#source);
    itemsOf = (result) => resultItems(result.#core, result.#reader.loaded, result.#source);
    coreOf = (result) => result.#core;
    referenceOf = (result) => resultReference(result.#reader.loaded, result.#source);
  }

  /** Made by views and by `client.getResult`. */
  constructor(core: ClientCore, source: ResultSource<T>) {
    super();
    this.#core = core;
    this.#source = source;
    this.#reader = new ResultReader(core, source);
  }

  /**
   * One result of the items of several, in order: the inverse of `split()`. Of a value it takes the value, of a list its items.
   *
   * @throws TypeError when there is none
   */
  static join<Item>(...results: readonly AsyncResult<unknown, Item>[]): AsyncResult<Item[]> {
    return AsyncResult.joined(results);
  }

  /** As `join`, with flags of its own; for views. */
  static joined<Item>(
    results: readonly AsyncResult<unknown, Item>[],
    flags: Pick<ResultSource<Item[]>, "label" | "ordered" | "returnExceptions"> = {},
  ): AsyncResult<Item[]> {
    const [first] = results;
    if (first === undefined) throw new TypeError("AsyncResult.join needs at least one result");
    const core = first.#core;
    const join = (sources: readonly LoadedSource[]) =>
      joinedParts(
        sources.map(({ items }) => items),
        core.blobs,
      );
    const known = results.flatMap((result) => result.#reader.loaded ?? []);
    const load = async () => join(await Promise.all(results.map((result) => result.#reader.load())));
    const loaded = known.length === results.length ? join(known) : load;
    return new AsyncResult<Item[]>(core, { ...flags, loaded, jobId: undefined });
  }

  /**
   * The id by which any process gets this result: of an apply its task's, of a map its job's.
   *
   * @throws NotReady for a result made from a bare job id, until `info()` has resolved
   */
  get jobId(): string {
    if (this.#source.taskIds === undefined) this.#reader.known("jobId");
    if (this.#source.jobId === undefined)
      throw new FantailError("this result has tasks of several jobs, so it has no jobId: use taskIds");
    return this.#source.jobId;
  }

  /** The ids of its tasks, in order. Throws NotReady as `jobId` does. */
  get taskIds(): string[] {
    const { taskIds } = this.#source;
    return this.#reader.loaded === undefined && taskIds ? [...taskIds] : this.#reader.known("taskIds").items.taskIds();
  }

  /** How many items it has. Throws NotReady as `jobId` does. A task of a chunked map counts as one until `info()` has resolved. */
  get length(): number {
    const { taskIds } = this.#source;
    return this.#reader.loaded === undefined && taskIds ? taskIds.length : this.#reader.known("length").items.count;
  }

  /** What is known of it so far, in one line, for `console.log`. That is no awaiting. */
  [INSPECT](): string {
    return inspectedResult(this.#reader.loaded?.items, this.#source.jobId, this.#source.label);
  }

  protected override begin(): Promise<T> {
    return this.get();
  }

  /**
   * The value, when all tasks have ended.
   *
   * @param options `returnExceptions`: errors stand in the place of what failed; default as the view's flag
   * @throws ResultTimeout when the time was up before; the reason of `options.signal`; else what failed: an apply's error, a map's
   *   CompositeError, or TaskAborted when the view's signal was aborted before anything was submitted
   */
  async get(options: WaitOptions & { returnExceptions?: boolean | undefined } = {}): Promise<T> {
    const { values, shape } = await abortable(options.signal, () => this.#reader.values(options));
    if (shape === "value") return values[0] as T;
    return this.#source.finish ? this.#source.finish(values) : (values as T);
  }

  /** Waits without taking the value: resolves to whether all tasks had ended in time, whatever their outcome. */
  async wait(options?: WaitOptions & { returnWhen?: undefined }): Promise<boolean>;
  /** Waits until `returnWhen`, and tells which tasks had ended by then, each as a result of its own. */
  async wait(options: WaitOptions & { returnWhen: ReturnWhen }): Promise<TaskSets>;
  async wait({
    returnWhen,
    ...options
  }: WaitOptions & { returnWhen?: ReturnWhen | undefined } = {}): Promise<boolean | TaskSets> {
    return this.#wait(returnWhen, options, (items, wait) => waitForTasks(this.#core, items.parts, wait));
  }

  /** Whether all tasks have ended. Looks once. */
  async ready(): Promise<boolean> {
    return this.wait({ timeoutMs: 0 });
  }

  /**
   * Whether all items succeeded.
   *
   * @throws NotReady while a task has not ended
   */
  async successful(): Promise<boolean> {
    const { items } = await this.#reader.ended("successful()");
    this.#core.unawaited.awaited(items.parts);
    for (const place of items.places()) if (await items.readError(place)) return false;
    return true;
  }

  /** Aborts its tasks: queued ones end at once as TaskAborted, running ones soon, ended ones stay. Resolves to which of them were which, once the scheduler took note. */
  async abort(): Promise<AbortReport> {
    const { items } = await this.#reader.load();
    return abortTasks(this.#core, items.parts);
  }

  /** What is known of the whole; for a result made from an id, this reads it. */
  async info(): Promise<ResultInfo> {
    const { items } = await this.#reader.load();
    const header = items.parts[0]?.outcomes.header;
    return {
      jobId: this.#source.jobId,
      label: header?.label ?? this.#source.label,
      length: items.count,
      tasks: items.tasks,
      submitted: header && new Date(header.submitted),
    };
  }

  /** How many items have ended. */
  async progress(): Promise<number> {
    const { items } = await this.#reader.looked();
    return items.endedCount;
  }

  /** What is known of each item so far: an object for an apply, a list for a map. */
  async metadata(): Promise<PerItem<T, TaskMetadata>> {
    const { items, shape } = await this.#reader.looked();
    const all = await allMetadata(this.#core, items, shape === "value" ? this.#source.jobId : undefined);
    return (shape === "value" ? all[0] : all) as PerItem<T, TaskMetadata>;
  }

  /** What the tasks wrote to stdout, when they have ended: a text for an apply, one per item for a map. */
  stdout(): Promise<PerItem<T, string>> {
    return this.#output("stdout");
  }

  /** What the tasks wrote to stderr, as `stdout`. */
  stderr(): Promise<PerItem<T, string>> {
    return this.#output("stderr");
  }

  /** Milliseconds since the submission; of what has ended, its `wallTimeMs`. */
  async elapsedMs(): Promise<number> {
    const { items } = await this.#reader.looked();
    return items.missingTasks === 0 ? wallTime(items) : this.#core.clock.now() - earliestSubmission(items);
  }

  /** Milliseconds from the submission to the last outcome, when all tasks have ended. */
  async wallTimeMs(): Promise<number> {
    return wallTime(await this.#reader.waited());
  }

  /** Milliseconds that the tasks ran, summed up, when all have ended. A task that never started counts nothing. */
  async serialTimeMs(): Promise<number> {
    return serialTime(await this.#reader.waited());
  }

  /**
   * Milliseconds from one kind of the tasks' times to another, when all have ended: of the earliest `start` to the latest `end`
   * unless picked otherwise. NaN when no task has such a time, as of tasks that never started.
   *
   * `timedelta("submitted", "started", { endPick: "min" })` is how long the first task waited.
   */
  async timedelta(start: TaskTime = "submitted", end: TaskTime = "received", span: TimeSpan = {}): Promise<number> {
    return timedelta(await this.#reader.waited(), start, end, span);
  }

  /** Every run that has ended so far, by its start, for drawing: which engine, from when to when. */
  async timeline(): Promise<TimelineBar[]> {
    const { items } = await this.#reader.looked();
    return timeline(items);
  }

  /** US dollars for the engines' running time so far, all attempts included: an estimate from below, at AWS's list price. */
  async cost(): Promise<number> {
    const { items } = await this.#reader.looked();
    let usd = 0;
    for (const { outcomes, from, to } of items.parts)
      for (let task = from; task < to; task++) usd += runCost(outcomes.attempts(task), this.#core.pools);
    return usd;
  }

  /** Each task as a result of its own, in order: of an unchunked map one an item, of a chunk a list. `AsyncResult.join` is the inverse. */
  async split(): Promise<AsyncResult<unknown, Item>[]> {
    const { items } = await this.#reader.load();
    return tasksOf(items, this.#core.blobs).map(
      ({ loaded, taskId }) =>
        new AsyncResult<unknown, Item>(this.#core, {
          loaded,
          jobId: taskId,
          returnExceptions: this.#source.returnExceptions,
        }),
    );
  }

  /**
   * The items by the id of the engine that ran them, each engine's in the order of the result. With `returnExceptions`, failures
   * that no engine ran are left out.
   *
   * @throws as `get` does
   */
  async byEngine(options: WaitOptions & { returnExceptions?: boolean | undefined } = {}): Promise<ByEngine<Item>> {
    const { items, values } = await abortable(options.signal, () => this.#reader.values(options));
    return byEngine(items, values as Item[]);
  }

  /**
   * Writes what the tasks print while they run, until all have ended: an apply's as it comes, a map's by lines that begin with
   * the item's number. What runs is heard of within two seconds or so; what has ended before is written first.
   *
   * @param options `stdout`, `stderr`: where to; default this process's own
   * @returns whether all had ended in time
   */
  async streamOutput(options: WaitOptions & Partial<OutputTargets> = {}): Promise<boolean> {
    return abortable(options.signal, async () => {
      const { items, shape } = await this.#reader.load();
      options.signal?.throwIfAborted();
      return streamOutput(this.#core, items, shape === "list", options);
    });
  }

  /** As `wait`, and shows progress meanwhile: a bar on a terminal, a line now and then elsewhere. */
  async waitInteractive(options?: ShownWait & { returnWhen?: undefined }): Promise<boolean>;
  async waitInteractive(options: ShownWait & { returnWhen: ReturnWhen }): Promise<TaskSets>;
  async waitInteractive({
    returnWhen,
    output,
    ...options
  }: ShownWait & { returnWhen?: ReturnWhen | undefined } = {}): Promise<boolean | TaskSets> {
    return this.#wait(returnWhen, options, (items, wait) => waitInteractive(this.#core, items, wait, output));
  }

  /**
   * Items in input order, or as completed with the view's `ordered: false`. A failing item ends the iteration with its
   * error (of a map: a CompositeError that names the item), or is given as a value with `returnExceptions`.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    const { items, shape } = await this.#reader.load();
    this.#core.unawaited.awaited(items.parts);
    const iterate = this.#source.ordered === false ? asCompleted : inOrder;
    for await (const item of iterate(this.#core, items)) {
      if (item.ok) yield item.value as Item;
      else if (this.#source.returnExceptions) yield item.error as Item;
      else
        throw shape === "value" || items.isWithdrawn ? item.error : new CompositeError([item.error], [item.position]);
    }
  }

  async #output(stream: "stdout" | "stderr"): Promise<PerItem<T, string>> {
    const texts = await this.#reader.output(stream);
    return (this.#reader.known(stream).shape === "value" ? texts[0] : texts) as PerItem<T, string>;
  }

  #wait(
    returnWhen: ReturnWhen | undefined,
    options: WaitOptions,
    waiting: (items: ResultItems, wait: TaskWait) => Promise<boolean>,
  ): Promise<boolean | TaskSets> {
    return abortable(options.signal, async () => {
      const until = endsWaiting(returnWhen);
      const loaded = await this.#reader.loadWithin(returnWhen === undefined ? options.timeoutMs : 0);
      if (!loaded) return false;
      options.signal?.throwIfAborted();
      const { items } = loaded.source;
      const timeoutMs = returnWhen === undefined ? loaded.leftMs : options.timeoutMs;
      const isDone = await waiting(items, { ...options, timeoutMs, until });
      return returnWhen === undefined ? isDone : this.#taskSets(items);
    });
  }

  #taskSets(items: ResultItems): TaskSets {
    const sets: TaskSets = { done: [], pending: [] };
    for (const { part, taskId, loaded } of tasksOf(items, this.#core.blobs)) {
      const one = new AsyncResult<unknown>(this.#core, { loaded, jobId: taskId });
      sets[part.outcomes.isFinal(part.from) ? "done" : "pending"].push(one);
    }
    return sets;
  }
}

/** Tasks by whether they have ended, each as a result of its own. */
export interface TaskSets {
  done: AsyncResult<unknown>[];
  pending: AsyncResult<unknown>[];
}

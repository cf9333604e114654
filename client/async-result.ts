import { CompositeError, FantailError, NotReady, ResultTimeout } from "../lambdas/protocol/errors.ts";
import type { ClientCore } from "./client-core.ts";
import { drawProgress, type ProgressOutput } from "./progress-bar.ts";
import { ResultItems, type ResultPart } from "./result-items.ts";
import { asCompleted, inOrder } from "./result-iteration.ts";
import { itemMetadata, type TaskMetadata } from "./result-metadata.ts";
import type { LoadedSource, ResultSource } from "./result-source.ts";
import { earliestSubmission, serialTime, wallTime } from "./result-times.ts";
import { type TaskWait, waitForTasks } from "./task-wait.ts";

/** The items of a result of type `T`: of a list its elements, of anything else itself. */
export type ItemOf<T> = T extends readonly (infer Item)[] ? Item : T;

/** What the language's own promises give to their handlers. */
type Reason = Parameters<NonNullable<Parameters<Promise<unknown>["catch"]>[0]>>[0];

/** `timeoutMs`: 0 looks once; absent or negative waits for ever. `signal` ends the waiting, not the tasks. */
export interface WaitOptions {
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** When a wait is over. */
export type ReturnWhen = "ALL_COMPLETED" | "FIRST_COMPLETED" | "FIRST_EXCEPTION";

export interface ResultInfo {
  jobId: string | undefined;
  label: string | undefined;
  /** Items. */
  length: number;
  tasks: number;
  submitted: Date | undefined;
}

/**
 * The result of an apply or a map, there or still to come: a Promise, and an AsyncIterable over its items.
 *
 * The tasks were submitted when it was made; it asks for outcomes only while somebody waits. One that fails and
 * that nobody awaits raises no unhandledRejection.
 */
export class AsyncResult<T, Item = ItemOf<T>> implements Promise<T>, AsyncIterable<Item> {
  readonly [Symbol.toStringTag] = "AsyncResult";
  readonly #core: ClientCore;
  readonly #source: ResultSource<T>;
  #loaded: LoadedSource | undefined;
  #loading: Promise<LoadedSource> | undefined;
  #promise: Promise<T> | undefined;

  /** Made by views and by `client.getResult`. */
  constructor(core: ClientCore, source: ResultSource<T>) {
    this.#core = core;
    this.#source = source;
    if (typeof source.loaded !== "function") this.#loaded = source.loaded;
  }

  /**
   * The id by which any process gets this result: of an apply its task's, of a map its job's.
   *
   * @throws NotReady for a result made from a bare job id, until `info()` has resolved
   */
  get jobId(): string {
    if (this.#source.taskIds === undefined) this.#known("jobId");
    if (this.#source.jobId === undefined) throw new FantailError("tasks of several jobs have no job id in common");
    return this.#source.jobId;
  }

  /** The ids of its tasks, in order. Throws NotReady as `jobId` does. */
  get taskIds(): string[] {
    const { taskIds } = this.#source;
    return this.#loaded === undefined && taskIds ? [...taskIds] : this.#known("taskIds").items.taskIds();
  }

  /** How many items it has. Throws NotReady as `jobId` does. A task of a chunked map counts as one until `info()` has resolved. */
  get length(): number {
    const { taskIds } = this.#source;
    return this.#loaded === undefined && taskIds ? taskIds.length : this.#known("length").items.count;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise, and awaited as one
  then<Fulfilled = T, Rejected = never>(
    onFulfilled?: ((value: T) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: Reason) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    this.#promise ??= this.get();
    return this.#promise.then(onFulfilled, onRejected);
  }

  catch<Rejected = never>(
    onRejected?: ((reason: Reason) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<T | Rejected> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then(
      (value) => Promise.resolve(onFinally?.()).then(() => value),
      (reason) =>
        Promise.resolve(onFinally?.()).then(() => {
          throw reason;
        }),
    );
  }

  /**
   * The value, when all tasks have ended.
   *
   * @param options `returnExceptions`: errors stand in the place of what failed; default as the view's flag
   * @throws ResultTimeout when the time was up before; else what failed: an apply's error, or a map's CompositeError
   */
  async get(options: WaitOptions & { returnExceptions?: boolean | undefined } = {}): Promise<T> {
    const { items, shape } = await this.#load(options.signal);
    if (!(await waitForTasks(this.#core, items.parts, options))) {
      const waited = `after ${options.timeoutMs} ms ${items.missingTasks} of ${items.tasks} tasks have no result`;
      throw new ResultTimeout(`${waited}; they go on, and can be waited for again`);
    }
    const { values, errors, indexes } = await items.readAll();
    const [first] = errors;
    if (first && !(options.returnExceptions ?? this.#source.returnExceptions)) {
      throw shape === "value" ? first : new CompositeError(errors, indexes);
    }
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
    const { items } = await this.#load(options.signal);
    const until: TaskWait["until"] =
      returnWhen === "FIRST_COMPLETED"
        ? () => true
        : returnWhen === "FIRST_EXCEPTION"
          ? ({ outcomes }, task) => !outcomes.isOk(task)
          : undefined;
    const isDone = await waitForTasks(this.#core, items.parts, { ...options, until });
    return returnWhen === undefined ? isDone : this.#taskSets(items);
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
    const { items } = await this.#ended("successful()");
    for (const place of items.places()) if (await items.readError(place)) return false;
    return true;
  }

  /** Aborts its tasks: queued ones end at once as TaskAborted, running ones soon, ended ones stay. Resolves when the scheduler took note. */
  async abort(): Promise<void> {
    const { items } = await this.#load();
    await this.#core.aborter.abort(items.parts);
  }

  /** What is known of the whole; for a result made from an id, this reads it. */
  async info(): Promise<ResultInfo> {
    const { items } = await this.#load();
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
    const { items } = await this.#looked();
    return items.endedCount;
  }

  /** What is known of each item so far: an object for an apply, a list for a map. */
  async metadata(): Promise<T extends readonly unknown[] ? TaskMetadata[] : TaskMetadata> {
    const { items, shape } = await this.#looked();
    const all: TaskMetadata[] = [];
    for (const place of items.places()) {
      all.push(await itemMetadata(items, place, all.length, shape === "value" ? this.#source.jobId : undefined));
    }
    return (shape === "value" ? all[0] : all) as T extends readonly unknown[] ? TaskMetadata[] : TaskMetadata;
  }

  /** What the tasks wrote to stdout, when they have ended: a text for an apply, one per item for a map. */
  stdout(): Promise<T extends readonly unknown[] ? string[] : string> {
    return this.#output("stdout");
  }

  /** What the tasks wrote to stderr, as `stdout`. */
  stderr(): Promise<T extends readonly unknown[] ? string[] : string> {
    return this.#output("stderr");
  }

  /** Milliseconds since the submission; of what has ended, its `wallTimeMs`. */
  async elapsedMs(): Promise<number> {
    const { items } = await this.#looked();
    return items.missingTasks === 0 ? wallTime(items) : this.#core.clock.now() - earliestSubmission(items);
  }

  /** Milliseconds from the submission to the last outcome, when all tasks have ended. */
  async wallTimeMs(): Promise<number> {
    return wallTime(await this.#waited());
  }

  /** Milliseconds that the tasks ran, summed up, when all have ended. A task that never started counts nothing. */
  async serialTimeMs(): Promise<number> {
    return serialTime(await this.#waited());
  }

  /**
   * Shows progress until all tasks have ended: a bar on a terminal, a line now and then elsewhere.
   *
   * @returns whether all had ended in time
   */
  async waitInteractive(options: WaitOptions & { output?: ProgressOutput | undefined } = {}): Promise<boolean> {
    const { items } = await this.#load(options.signal);
    const { count } = items;
    const finish = drawProgress(() => items.endedCount, count, this.#core.clock, options.output);
    const releases = items.parts.map(({ outcomes }) => this.#core.poller.watch(outcomes, true));
    try {
      return await waitForTasks(this.#core, items.parts, options);
    } finally {
      for (const release of releases) release();
      finish();
    }
  }

  /**
   * Items in input order, or as completed with the view's `ordered: false`. A failing item ends the iteration with its
   * error (of a map: a CompositeError that names the item), or is given as a value with `returnExceptions`.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    const { items, shape } = await this.#load();
    const iterate = this.#source.ordered === false ? asCompleted : inOrder;
    for await (const item of iterate(this.#core, items)) {
      if (item.ok) yield item.value as Item;
      else if (this.#source.returnExceptions) yield item.error as Item;
      else throw shape === "value" ? item.error : new CompositeError([item.error], [item.position]);
    }
  }

  #known(what: string): LoadedSource {
    if (this.#loaded) return this.#loaded;
    throw new NotReady(`${what} of a result made from an id is known after await info()`);
  }

  async #load(signal?: AbortSignal): Promise<LoadedSource> {
    signal?.throwIfAborted();
    if (this.#loaded) return this.#loaded;
    const { loaded } = this.#source;
    if (typeof loaded !== "function") return loaded;
    this.#loading ??= loaded();
    try {
      this.#loaded = await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
    return this.#loaded;
  }

  /** The source after one look, whatever it brought. */
  async #looked(): Promise<LoadedSource> {
    const source = await this.#load();
    await waitForTasks(this.#core, source.items.parts, { timeoutMs: 0 });
    return source;
  }

  async #ended(what: string): Promise<LoadedSource> {
    const source = await this.#looked();
    if (source.items.missingTasks === 0) return source;
    throw new NotReady(`${what} before all tasks have ended: ${source.items.missingTasks} have not`);
  }

  async #waited(): Promise<ResultItems> {
    const { items } = await this.#load();
    await waitForTasks(this.#core, items.parts, {});
    return items;
  }

  async #output(stream: "stdout" | "stderr"): Promise<T extends readonly unknown[] ? string[] : string> {
    const items = await this.#waited();
    const { shape } = this.#known(stream);
    const texts = [...items.places()].map(({ outcomes, task, offset }) =>
      offset === 0 ? (outcomes.final(task)?.[stream] ?? "") : "",
    );
    return (shape === "value" ? texts[0] : texts) as T extends readonly unknown[] ? string[] : string;
  }

  #taskSets(items: ResultItems): TaskSets {
    const sets: TaskSets = { done: [], pending: [] };
    const [ids, blobs] = [items.taskIds(), this.#core.blobs];
    let at = 0;
    for (const { outcomes, from, to } of items.parts)
      for (let task = from; task < to; task++) {
        const part: ResultPart = { outcomes, from: task, to: task + 1 };
        const loaded = {
          items: new ResultItems([part], blobs),
          shape: outcomes.header?.chunked ? "list" : "value",
        } as const;
        const one = new AsyncResult<unknown>(this.#core, { loaded, jobId: ids[at++] });
        sets[outcomes.isFinal(task) ? "done" : "pending"].push(one);
      }
    return sets;
  }
}

/** Tasks by whether they have ended, each as a result of its own. */
export interface TaskSets {
  done: AsyncResult<unknown>[];
  pending: AsyncResult<unknown>[];
}

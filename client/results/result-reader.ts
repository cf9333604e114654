import { CompositeError } from "../../lambdas/protocol/composite-error.ts";
import { NotReady, ResultTimeout } from "../../lambdas/protocol/errors.ts";
import { abortable } from "../cluster/abortable.ts";
import type { BlobReader } from "../outcomes/blob-reader.ts";
import type { LoadedSource, ResultSource } from "../outcomes/result-source.ts";
import type { UnawaitedFailures } from "../outcomes/unawaited-failures.ts";
import { EarlyReads } from "./early-reads.ts";
import { type LoadedResult, ResultItems } from "./result-items.ts";
import type { GetOptions } from "./result-options.ts";
import { type Waiting, waitForTasks } from "./task-wait.ts";

type Source = Pick<ResultSource<unknown>, "loaded" | "returnExceptions" | "finish">;

/** The parts of a client that read the values of results. */
export interface Reading extends Waiting {
  blobs: BlobReader;
  unawaited: UnawaitedFailures;
}

/** Reads a result's tasks. They are known from the start, or loaded from the rows of their jobs on first use. */
export class ResultReader {
  readonly #ports: Reading;
  readonly #source: Source;
  #loaded: LoadedResult | undefined;
  #loading: Promise<LoadedResult> | undefined;

  constructor(ports: Reading, source: Source) {
    this.#ports = ports;
    this.#source = source;
    if (typeof source.loaded !== "function") this.#loaded = this.#itemsOf(source.loaded);
  }

  #itemsOf({ parts, shape }: LoadedSource): LoadedResult {
    return { items: new ResultItems(parts, this.#ports.blobs, shape === "list"), shape };
  }

  /** The tasks, if they are already known. */
  get loaded(): LoadedResult | undefined {
    return this.#loaded;
  }

  /**
   * The tasks.
   *
   * @param label the caller's name, for the error
   * @throws NotReady if they have not been loaded
   */
  known(label: string): LoadedResult {
    if (this.#loaded) return this.#loaded;
    throw new NotReady(`${label} is not known yet for a result made from an id: await info() first`);
  }

  /** Loads the list of tasks. If that fails, the next call tries again. */
  async load(): Promise<LoadedResult> {
    if (this.#loaded) return this.#loaded;
    const { loaded } = this.#source;
    if (typeof loaded !== "function") return this.#itemsOf(loaded);
    this.#loading ??= loaded().then((source) => this.#itemsOf(source));
    try {
      this.#loaded = await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
    return this.#loaded;
  }

  /**
   * Like `load`, but waits at most `timeoutMs` milliseconds. Resolves to the tasks and the milliseconds left, or to
   * `undefined` after that time.
   */
  async loadWithin(timeoutMs = -1): Promise<{ source: LoadedResult; leftMs: number } | undefined> {
    if (this.#loaded || timeoutMs <= 0) return { source: await this.load(), leftMs: timeoutMs };
    const { clock } = this.#ports;
    const until = clock.now() + timeoutMs;
    let cancel = () => {};
    const late = new Promise<undefined>((resolve) => {
      cancel = clock.after(timeoutMs, () => resolve(undefined));
    });
    try {
      const source = await Promise.race([this.load(), late]);
      // Leave at least 1 ms, because 0 would mean to poll only once.
      return source && { source, leftMs: Math.max(1, until - clock.now()) };
    } finally {
      cancel();
    }
  }

  /** The tasks, after one poll for outcomes. */
  async polled(): Promise<LoadedResult> {
    const source = await this.load();
    await waitForTasks(this.#ports, source.items.parts, { timeoutMs: 0 });
    return source;
  }

  /**
   * The tasks, after polling once for outcomes.
   *
   * @param label the caller's name, for the error
   * @throws NotReady if not all of them have finished
   */
  async ended(label: string): Promise<LoadedResult> {
    const source = await this.polled();
    if (source.items.missingTasks === 0) return source;
    throw new NotReady(
      `${label} requires that all tasks have finished: ${source.items.missingTasks} ${source.items.missingTasks === 1 ? "has" : "have"} not. Call wait() first`,
    );
  }

  /** Waits without limit until all tasks have finished, and returns their items. */
  async waited(): Promise<ResultItems> {
    const { items } = await this.load();
    await waitForTasks(this.#ports, items.parts, {});
    return items;
  }

  /** Waits for all tasks and returns the value of the result. Throws as `values`, and the signal's reason. */
  async value(options: GetOptions): Promise<unknown> {
    const { finish } = this.#source;
    const { values, shape } = await abortable(options.signal, () => this.values(options));
    if (shape === "value") return values[0];
    return finish ? finish(values) : values;
  }

  /**
   * Waits for all tasks and returns the values of all items.
   *
   * @throws ResultTimeout after `timeoutMs`; unless `returnExceptions` is set, the error of a failed apply, or a
   * CompositeError for a list
   */
  async values(options: GetOptions): Promise<LoadedResult & { values: unknown[] }> {
    const loaded = await this.loadWithin(options.timeoutMs);
    if (!loaded)
      throw new ResultTimeout(
        `timed out after ${options.timeoutMs} ms while the list of tasks was being read: wait again`,
      );
    const { items, shape } = loaded.source;
    const early = new EarlyReads(items);
    const waited = waitForTasks(this.#ports, items.parts, { ...options, timeoutMs: loaded.leftMs });
    if (!(await waited.finally(() => early.end()))) {
      const [missing, all] = [items.missingTasks, items.tasks];
      const unfinished = `${missing} of ${all} tasks ${missing === 1 ? "has" : "have"} not finished`;
      const next =
        missing === 1 ? "It keeps running; wait again to get it" : "They keep running; wait again to get them";
      throw new ResultTimeout(`timed out after ${options.timeoutMs} ms: ${unfinished}. ${next}`);
    }
    this.#ports.unawaited.awaited(items.parts);
    const { values, errors, indexes } = await items.readAll((place) => early.of(place));
    const [first] = errors;
    if (first && !(options.returnExceptions ?? this.#source.returnExceptions)) {
      throw shape === "value" || items.isWithdrawn ? first : new CompositeError(errors, indexes, items.count);
    }
    return { items, shape, values };
  }

  /**
   * Waits for all tasks and returns what they wrote to stdout or stderr, one string per item. The output of a chunk is
   * listed with its first item.
   */
  async output(stream: "stdout" | "stderr"): Promise<string[]> {
    const items = await this.waited();
    return [...items.places()].map(({ outcomes, task, offset }) =>
      offset === 0 ? (outcomes.final(task)?.[stream] ?? "") : "",
    );
  }
}

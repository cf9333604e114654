import { CompositeError, NotReady, ResultTimeout } from "../../lambdas/protocol/errors.ts";
import type { WaitOptions } from "../flags/wait-options.ts";
import type { BlobReader } from "../outcomes/blob-reader.ts";
import type { LoadedSource, ResultSource } from "../outcomes/result-source.ts";
import type { UnawaitedFailures } from "../outcomes/unawaited-failures.ts";
import { type LoadedResult, ResultItems } from "./result-items.ts";
import { type Waiting, waitForTasks } from "./task-wait.ts";

type Source = Pick<ResultSource<unknown>, "loaded" | "returnExceptions">;

/** What reads the values of results. */
export interface Reading extends Waiting {
  blobs: BlobReader;
  unawaited: UnawaitedFailures;
}

/** Gets at a result's tasks: at once, or by reading the rows of their jobs when that is first needed. */
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
    return { items: new ResultItems(parts, this.#ports.blobs), shape };
  }

  /** The tasks, when they are known already. */
  get loaded(): LoadedResult | undefined {
    return this.#loaded;
  }

  /** The tasks; throws NotReady, naming what was asked for, while they have not been read. */
  known(what: string): LoadedResult {
    if (this.#loaded) return this.#loaded;
    throw new NotReady(`${what} is not known yet for a result made from an id: await info() first`);
  }

  /** Reads which tasks they are. A read that fails is tried again by the next call. */
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

  /** As `load`, for who waits no longer than so many milliseconds, and how many of them are left; `undefined` when the time was up before. */
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
      // Of time that has just run out 1 ms is left: 0 would look once more.
      return source && { source, leftMs: Math.max(1, until - clock.now()) };
    } finally {
      cancel();
    }
  }

  /** The tasks after one look, whatever it brought. */
  async looked(): Promise<LoadedResult> {
    const source = await this.load();
    await waitForTasks(this.#ports, source.items.parts, { timeoutMs: 0 });
    return source;
  }

  /** The tasks after one look; throws NotReady when not all of them have ended. */
  async ended(what: string): Promise<LoadedResult> {
    const source = await this.looked();
    if (source.items.missingTasks === 0) return source;
    throw new NotReady(
      `${what} requires that all tasks have finished: ${source.items.missingTasks} ${source.items.missingTasks === 1 ? "has" : "have"} not`,
    );
  }

  /** The tasks when all have ended, however long that takes. */
  async waited(): Promise<ResultItems> {
    const { items } = await this.load();
    await waitForTasks(this.#ports, items.parts, {});
    return items;
  }

  /**
   * Values of all items, when all tasks have ended.
   *
   * @throws ResultTimeout when the time was up before; else what failed, unless exceptions are to be returned
   */
  async values(
    options: WaitOptions & { returnExceptions?: boolean | undefined },
  ): Promise<LoadedResult & { values: unknown[] }> {
    const loaded = await this.loadWithin(options.timeoutMs);
    if (!loaded)
      throw new ResultTimeout(`timed out after ${options.timeoutMs} ms: the tasks could not be read in time`);
    const { items, shape } = loaded.source;
    if (!(await waitForTasks(this.#ports, items.parts, { ...options, timeoutMs: loaded.leftMs }))) {
      const [missing, all] = [items.missingTasks, items.tasks];
      const unfinished = `${missing} of ${all} tasks ${missing === 1 ? "has" : "have"} not finished`;
      const next =
        missing === 1 ? "It keeps running; wait again to get it" : "They keep running; wait again to get them";
      throw new ResultTimeout(`timed out after ${options.timeoutMs} ms: ${unfinished}. ${next}`);
    }
    this.#ports.unawaited.awaited(items.parts);
    const { values, errors, indexes } = await items.readAll();
    const [first] = errors;
    if (first && !(options.returnExceptions ?? this.#source.returnExceptions)) {
      throw shape === "value" || items.isWithdrawn ? first : new CompositeError(errors, indexes, items.count);
    }
    return { items, shape, values };
  }

  /** What the tasks wrote to a stream, when all have ended, one text an item; of a chunk's items the first has it. */
  async output(stream: "stdout" | "stderr"): Promise<string[]> {
    const items = await this.waited();
    return [...items.places()].map(({ outcomes, task, offset }) =>
      offset === 0 ? (outcomes.final(task)?.[stream] ?? "") : "",
    );
  }
}

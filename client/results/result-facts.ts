import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import { INSPECT } from "../../lambdas/protocol/inspection.ts";
import { AnyResult, KNOWN, type KnownResult } from "../flags/any-result.ts";
import type { ResultShape, ResultSource } from "../outcomes/result-source.ts";
import { TaskSource } from "../outcomes/task-source.ts";
import { inspectedResult } from "./result-inspection.ts";
import { allMetadata, type TaskMetadata } from "./result-metadata.ts";
import { parentRanges, resultItems, resultReference } from "./result-parents.ts";
import type { ResultPorts } from "./result-ports.ts";
import { followProgress, type Progress } from "./result-progress.ts";
import { ResultReader } from "./result-reader.ts";
import { typedValue } from "./typed-value.ts";

/** One value for an apply, a list with one per item for a map. */
export type PerItem<T, One> = T extends readonly unknown[] ? One[] : One;

/** Facts about a result as a whole. */
export interface ResultInfo {
  /** The id as in `result.jobId`; undefined for a result that is not one whole job or task. */
  jobId: string | undefined;
  /** The `label` flag of the view that submitted it. */
  label: string | undefined;
  /** Number of items. */
  length: number;
  /** Number of tasks: for a chunked map, fewer than the items. */
  tasks: number;
  /** When the client submitted the first of its tasks; undefined for a result without tasks. */
  submitted: Date | undefined;
}

/** Key of a result's parts, which only the functions of this folder use. */
export const INSIDE: unique symbol = Symbol("fantail.inside");

/** The parts of a result. */
export class ResultInside {
  readonly ports: ResultPorts;
  readonly source: ResultSource<unknown>;
  #reader: ResultReader | undefined;

  constructor(ports: ResultPorts, source: ResultSource<unknown>) {
    this.ports = ports;
    this.source = source;
  }

  /** Reads the tasks. Made on demand, and for a single task at each use: a program may hold the results of many tasks. */
  get reader(): ResultReader {
    const reader = this.#reader ?? new ResultReader(this.ports, this.source);
    if (!(this.source instanceof TaskSource)) this.#reader = reader;
    return reader;
  }
}

/** The facts of a result: its ids, its size, its progress and its tasks' metadata. */
export abstract class ResultFacts<T> extends AnyResult<T> {
  readonly #inside: ResultInside;

  /** Called by views and by `client.getResult`, not by users. */
  constructor(ports: ResultPorts, source: ResultSource<T>) {
    super();
    this.#inside = new ResultInside(ports, source);
  }

  /** @internal */
  get [INSIDE](): ResultInside {
    return this.#inside;
  }

  /** @internal */
  get [KNOWN](): KnownResult {
    const { ports, source, reader } = this.#inside;
    const cluster = ports.cluster.id;
    return {
      cluster,
      get parents() {
        return parentRanges(reader.loaded, source);
      },
      get reference() {
        return resultReference(reader.loaded, source);
      },
      get items() {
        return resultItems(cluster, reader.loaded, source);
      },
    };
  }

  /**
   * The id with which any process can get this result by `client.getResult`: an apply's task id, or a map's job id.
   *
   * @throws NotReady for a result made from a bare job id, until `info()` has resolved; FantailError for a result
   *   that is not one whole job or task
   */
  get jobId(): string {
    const { source, reader } = this.#inside;
    if (source.taskIds === undefined) reader.known("jobId");
    if (source.jobId === undefined)
      throw new FantailError("this result is not that of one whole job or task, so it has no jobId: use taskIds");
    return source.jobId;
  }

  /**
   * The ids of the result's tasks, in order.
   *
   * @throws NotReady as `jobId`
   */
  get taskIds(): string[] {
    const { source, reader } = this.#inside;
    const { taskIds } = source;
    return reader.loaded === undefined && taskIds ? [...taskIds] : reader.known("taskIds").items.taskIds();
  }

  /**
   * Number of items. Until `info()` has resolved, a task of a chunked map counts as one item.
   *
   * @throws NotReady as `jobId`
   */
  get length(): number {
    const { source, reader } = this.#inside;
    const { taskIds } = source;
    return reader.loaded === undefined && taskIds ? taskIds.length : reader.known("length").items.count;
  }

  /** One line for `console.log`, from the facts known so far. Sends no request. */
  [INSPECT](): string {
    const { source, reader } = this.#inside;
    return inspectedResult(reader.loaded?.items, source.jobId, source.label);
  }

  /**
   * Facts about the result as a whole. Reads them first if the result was made from an id.
   *
   * @throws UnknownTask if no such job or task exists
   * @example
   * const result = client.getResult(jobId);
   * const { tasks, submitted } = await result.info();
   */
  async info(): Promise<ResultInfo> {
    const { source, reader } = this.#inside;
    const { items } = await reader.load();
    const header = items.parts[0]?.outcomes.header;
    return {
      jobId: source.jobId,
      label: header?.label ?? source.label,
      length: items.count,
      tasks: items.tasks,
      submitted: header && new Date(header.submitted),
    };
  }

  /**
   * Counts the items that have finished. Polls once.
   *
   * @example
   * console.log(`${await result.progress()} of ${result.length}`);
   */
  async progress(): Promise<number> {
    const { items } = await this.#inside.reader.polled();
    return items.endedCount;
  }

  /**
   * Calls `listener` once the tasks are submitted, and then whenever outcomes arrive. The listener causes no polls:
   * outcomes arrive while something awaits the result.
   *
   * @returns a function that removes the listener
   * @example
   * const end = result.onProgress(({ done, total, failed }) => console.log(`${done} of ${total}, ${failed} failed`));
   * await result.wait();
   * end();
   */
  onProgress(listener: (progress: Progress) => void): () => void {
    const { ports, reader } = this.#inside;
    let end = () => {};
    let isEnded = false;
    const begin = async () => {
      const { items } = await reader.load();
      // Once the jobs are submitted, the number of items is known.
      await Promise.all(items.parts.map(({ outcomes }) => outcomes.submitted));
      if (!isEnded) end = followProgress(items, ports, listener);
    };
    // Ignore the error here: code that awaits the result gets it too.
    begin().catch(() => {});
    return () => {
      isEnded = true;
      end();
    };
  }

  /**
   * Returns how, when and where each item ran, as far as known: an object for an apply, a list for a map. Polls once.
   *
   * @example
   * for (const { engineId, started, status } of await mapped.metadata()) console.log(engineId, started, status);
   */
  async metadata(): Promise<PerItem<T, TaskMetadata>> {
    const { ports, source, reader } = this.#inside;
    const { items, shape } = await reader.polled();
    const all = await allMetadata(ports, items, shape === "value" ? source.jobId : undefined);
    return perItem<T, TaskMetadata>(shape, all);
  }
}

/**
 * Returns the first of the values for the shape `value`, otherwise all of them. The types cannot be checked here: the
 * caller must pass a fitting shape.
 */
export function perItem<T, One>(shape: ResultShape, all: readonly One[]): PerItem<T, One> {
  return typedValue(shape === "value" ? all[0] : all);
}

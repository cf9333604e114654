import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import type { AsyncResult } from "../results/async-result.ts";
import { type WaitingForAll, waitFor } from "../results/named-tasks.ts";
import type { SubmissionHistory } from "../submit/submission-history.ts";
import type { MapInputs, OrResults } from "./given.ts";

/** Minimum number of recorded task ids at which those of finished tasks are removed. */
const FIRST_CLEANUP = 1000;

/** The parts of a client that find an executor's unfinished tasks and wait for them. */
export interface ExecutorPorts extends WaitingForAll {
  history: SubmissionHistory;
}

/** The methods of a view that an executor uses. */
export interface ExecutorView {
  apply(fn: (...args: unknown[]) => unknown, ...args: unknown[]): AsyncResult<unknown, unknown>;
  imap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...inputs: MapInputs<A>
  ): AsyncGenerator<Awaited<R>, void>;
}

/** A view with the methods of an executor: `submit`, `map`, `shutdown`. Made by `view.executor`. */
export class Executor {
  readonly #ports: ExecutorPorts;
  readonly #view: ExecutorView;
  /**
   * Ids of submitted tasks. A clean-up removes finished ones from time to time. Only ids are kept, so that the executor
   * does not keep results in memory.
   */
  #submitted: string[] = [];
  #cleanUpAt = FIRST_CLEANUP;
  #isShut = false;

  constructor(ports: ExecutorPorts, view: ExecutorView) {
    this.#ports = ports;
    this.#view = view;
  }

  /**
   * Like `view.apply`.
   *
   * @throws FantailError after `shutdown`
   * @example
   * const result = executor.submit((x: number) => x + 1, 1);
   */
  submit<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): AsyncResult<Awaited<R>, Awaited<R>>;
  submit<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...args: OrResults<NoInfer<A>>
  ): AsyncResult<Awaited<R>, Awaited<R>>;
  submit(fn: (...args: unknown[]) => unknown, ...args: unknown[]): AsyncResult<unknown, unknown> {
    this.#refuseWhenShut();
    const result = this.#view.apply(fn, ...args);
    if (this.#submitted.push(...result.taskIds) >= this.#cleanUpAt) {
      this.#submitted = this.#unfinished();
      this.#cleanUpAt = Math.max(FIRST_CLEANUP, 2 * this.#submitted.length);
    }
    return result;
  }

  /**
   * Like `view.imap`: returns an async iterator.
   *
   * @throws FantailError after `shutdown`
   * @example
   * for await (const value of executor.map((x: number) => x + 1, [1, 2])) console.log(value);
   */
  map<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...sequences: MapInputs<A>
  ): AsyncGenerator<Awaited<R>, void> {
    this.#refuseWhenShut();
    return this.#view.imap(fn, ...sequences);
  }

  /**
   * Refuses further work. Resolves when all tasks of `submit` have finished, or immediately with `wait: false`. Loops
   * over `map` continue. The cluster and its engines are not shut down.
   *
   * @example
   * await executor.shutdown();
   */
  async shutdown({ wait = true }: { wait?: boolean } = {}): Promise<void> {
    this.#isShut = true;
    const unfinished = this.#unfinished();
    this.#submitted = [];
    if (wait && unfinished.length > 0) await waitFor(this.#ports, unfinished, {});
  }

  #unfinished(): string[] {
    const outstanding = new Set(this.#ports.history.outstandingIds());
    return this.#submitted.filter((id) => outstanding.has(id));
  }

  #refuseWhenShut(): void {
    if (this.#isShut) throw new FantailError("the executor was shut down: make another with view.executor()");
  }
}

import { FantailError } from "../../lambdas/protocol/errors.ts";
import type { AsyncResult } from "../results/async-result.ts";
import { type WaitingForAll, waitFor } from "../results/named-tasks.ts";
import type { SubmissionHistory } from "../submit/submission-history.ts";
import type { MapInputs, OrResults } from "./given.ts";

/** How many ids are kept before it is looked which of them have ended. */
const FIRST_LOOK = 1000;

/** What waits for the tasks of an executor, and tells which of them have not finished. */
export interface ExecutorPorts extends WaitingForAll {
  history: SubmissionHistory;
}

/** The view behind an executor. */
export interface ExecutorView {
  apply(fn: (...args: unknown[]) => unknown, ...args: unknown[]): AsyncResult<unknown, unknown>;
  imap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...inputs: MapInputs<A>
  ): AsyncGenerator<Awaited<R>, void>;
}

/** A view in the shape of an executor: submit, map, shutdown. Made by `view.executor`. */
export class Executor {
  readonly #ports: ExecutorPorts;
  readonly #view: ExecutorView;
  /** Ids of submitted tasks, less those that had ended when it was last looked through: results are not kept for the executor's sake. */
  #submitted: string[] = [];
  #lookThroughAt = FIRST_LOOK;
  #isShut = false;

  constructor(ports: ExecutorPorts, view: ExecutorView) {
    this.#ports = ports;
    this.#view = view;
  }

  /**
   * As `view.apply`.
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
    if (this.#submitted.push(...result.taskIds) >= this.#lookThroughAt) {
      this.#submitted = this.#unfinished();
      this.#lookThroughAt = Math.max(FIRST_LOOK, 2 * this.#submitted.length);
    }
    return result;
  }

  /**
   * As `view.imap`: an async iterator.
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
   * Takes no more work. Resolves when what was submitted has finished, or at once with `wait: false`. The engines stay.
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
    if (this.#isShut) throw new FantailError("the executor was shut down");
  }
}

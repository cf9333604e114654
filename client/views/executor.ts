import { FantailError } from "../../lambdas/protocol/errors.ts";
import type { AsyncResult } from "../results/async-result.ts";
import type { LoadBalancedView, MapInputs } from "./view.ts";

/** A view in the shape of an executor: submit, map, shutdown. Made by `view.executor`. */
export class Executor {
  readonly #view: LoadBalancedView;
  readonly #unfinished = new Set<AsyncResult<unknown, unknown>>();
  #isShut = false;

  constructor(view: LoadBalancedView) {
    this.#view = view;
  }

  /** As `view.apply`. Throws a FantailError after `shutdown`. */
  submit<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): AsyncResult<Awaited<R>, Awaited<R>> {
    this.#refuseWhenShut();
    const result = this.#view.apply(fn, ...args);
    this.#unfinished.add(result);
    return result;
  }

  /** As `view.imap`: an async iterator. Throws a FantailError after `shutdown`. */
  map<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...sequences: MapInputs<A>
  ): AsyncGenerator<Awaited<R>, void> {
    this.#refuseWhenShut();
    return this.#view.imap(fn, ...sequences);
  }

  /** Takes no more work; resolves when what was submitted has ended, or at once with `wait: false`. Engines go on. */
  async shutdown({ wait = true }: { wait?: boolean } = {}): Promise<void> {
    this.#isShut = true;
    if (wait) await Promise.all([...this.#unfinished].map((result) => result.wait()));
    this.#unfinished.clear();
  }

  #refuseWhenShut(): void {
    if (this.#isShut) throw new FantailError("the executor was shut down");
  }
}

import { INSPECT } from "../../lambdas/protocol/inspection.ts";
import type { Flags } from "../flags/flags.ts";
import { isAsyncIterable } from "../flags/iterables.ts";
import { flagsObject, parseFlags } from "../flags/parse-flags.ts";
import type { AsyncResult } from "../results/async-result.ts";
import { checkedFunction } from "../submit/checked-function.ts";
import { checkTargets } from "../submit/engine-targets.ts";
import { readyFunction, submitApply, submitMap } from "../submit/submission.ts";
import { Executor, type ExecutorPorts } from "./executor.ts";
import type { Input, ItemsOf, MapInputs, OrResults, ResultSequences, Sequences } from "./given.ts";
import { imap } from "./imap.ts";
import type { ImapPorts } from "./imap-feed.ts";
import { namedCall, namedMap } from "./named-call.ts";
import { oneLine } from "./one-line.ts";
import { type Joined, type ParallelFunction, parallelFunction } from "./parallel-function.ts";
import { checkSequence, noSequence } from "./sequences.ts";

/** A function that runs on an engine. Made by `view.remote`. */
export interface RemoteFunction<A extends readonly unknown[], R> {
  (...args: OrResults<A>): AsyncResult<Awaited<R>, Awaited<R>>;
  (...args: A): AsyncResult<Awaited<R>, Awaited<R>>;
}

/** The parts of a client that a load-balanced view uses. */
export interface BalancedPorts extends ImapPorts, ExecutorPorts {}

type Pieces = readonly (readonly unknown[])[];

/**
 * Sends tasks to engines chosen by the scheduler's scheme. A view is immutable: `withFlags` makes another.
 *
 * Functions and arguments are captured when a method is called. If they cannot be sent, that call throws TypeError,
 * CaptureError or CodecError before anything is sent.
 *
 * @example
 * const view = client.loadBalancedView({ retries: 2 });
 * console.log(await view.map((x: number) => x * x, [1, 2, 3])); // [1, 4, 9]
 */
export class LoadBalancedView {
  /** The view's flags, without those left at their default. */
  readonly flags: Readonly<Flags>;
  readonly #ports: BalancedPorts;

  /** Called by `client.loadBalancedView`, not by users. */
  constructor(ports: BalancedPorts, flags: Flags = {}) {
    this.#ports = ports;
    this.flags = Object.freeze(parseFlags(flags));
    checkTargets(ports.cluster, this.flags);
  }

  /**
   * Returns another view with these flags added to this one's; `undefined` removes a flag.
   *
   * @throws InvalidFlag, which names the flag
   * @example
   * const urgent = view.withFlags({ priority: 10 });
   */
  withFlags(flags: Flags): LoadBalancedView {
    return new LoadBalancedView(this.#ports, { ...this.flags, ...flagsObject(flags) });
  }

  /**
   * Runs `fn(...args)` on one engine. An AsyncResult among the arguments, or inside their arrays and plain objects, is
   * replaced by its value: the task waits for it.
   *
   * @throws TypeError for anything but a function, CaptureError, CodecError, before anything is sent
   * @example
   * const sum = await view.apply((a: number, b: number) => a + b, 1, 2);
   */
  apply<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): AsyncResult<Awaited<R>, Awaited<R>>;
  apply<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...args: OrResults<NoInfer<A>>
  ): AsyncResult<Awaited<R>, Awaited<R>>;
  apply(fn: unknown, ...args: unknown[]): AsyncResult<unknown, unknown> {
    return this.#applied<unknown>(fn, args);
  }

  #applied<T>(fn: unknown, args: readonly unknown[]): AsyncResult<T, T> {
    const call = namedCall(fn);
    const ready = readyFunction(this.#ports, call.fn, this.flags);
    return this.#ports.results.of<T, T>(submitApply<T>(this.#ports, ready, [...call.before, ...args], this.flags));
  }

  /**
   * Runs `fn` on each item, or on the items at the same index of several sequences; stops at the shortest. The result
   * of another map can be passed as a sequence: each task starts when its own item is ready. Tasks that take results
   * are not grouped into chunks.
   *
   * @throws as `apply`; TypeError for anything but a sequence
   * @example
   * const sums = await view.map((a: number, b: number) => a + b, [1, 2], [10, 20]); // [11, 22]
   */
  map<X, R>(fn: (x: X) => R, xs: Iterable<X>): AsyncResult<Awaited<R>[]>;
  map<X, Y, R>(fn: (x: X, y: Y) => R, xs: Iterable<X>, ys: Iterable<Y>): AsyncResult<Awaited<R>[]>;
  map<A extends readonly unknown[], R>(fn: (...args: A) => R, ...sequences: Sequences<A>): AsyncResult<Awaited<R>[]>;
  map<X, R>(fn: (x: X) => R, xs: AsyncResult<X[]>): AsyncResult<Awaited<R>[]>;
  map<X, R>(fn: (x: X) => R, xs: Iterable<AsyncResult<X, unknown>>): AsyncResult<Awaited<R>[]>;
  map<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...sequences: ResultSequences<NoInfer<A>>
  ): AsyncResult<Awaited<R>[]>;
  map(fn: unknown, ...sequences: unknown[]): AsyncResult<unknown[]> {
    const call = namedMap(fn, sequences);
    return this.#ports.results.of(submitMap(this.#ports, call.fn, call.input, this.flags));
  }

  /**
   * Like `map`, but lazy: reads new items only as results are consumed, at most `maxOutstanding` ahead. The input may
   * be endless or asynchronous. Leaving the loop aborts the items that have not finished.
   *
   * @returns results in input order, or as completed with `ordered: false`
   * @throws as `map`; inside the loop, a failed item's error
   * @example
   * for await (const page of view.imap(render, documents)) console.log(page.length);
   */
  imap<X, R>(fn: (x: X) => R, xs: Input<X>): AsyncGenerator<Awaited<R>, void>;
  imap<X, Y, R>(fn: (x: X, y: Y) => R, xs: Input<X>, ys: Input<Y>): AsyncGenerator<Awaited<R>, void>;
  imap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...inputs: MapInputs<A>
  ): AsyncGenerator<Awaited<R>, void>;
  imap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...inputs: { [K in keyof A]: ItemsOf<NoInfer<A[K]>> | Input<NoInfer<A[K]>> }
  ): AsyncGenerator<Awaited<R>, void>;
  imap(fn: unknown, ...inputs: unknown[]): AsyncGenerator<unknown, void> {
    const ready = readyFunction(this.#ports, fn, this.flags);
    if (inputs.length === 0) throw noSequence("imap");
    for (const [at, input] of inputs.entries()) {
      if (!isAsyncIterable(input)) checkSequence(input, "imap", at);
    }
    return imap(this.#ports, ready, inputs, this.flags);
  }

  /**
   * Makes a function that calls `fn` on pieces of its sequences in parallel, at most `chunkSize` items each, and joins
   * the results.
   *
   * @throws TypeError for anything but a function or flags; InvalidFlag
   * @example
   * const double = view.parallel({ chunkSize: 100 })((xs: number[]) => xs.map((x) => 2 * x));
   * const doubled = await double(numbers);
   */
  parallel<A extends Pieces, R>(fn: (...pieces: A) => R): ParallelFunction<A, R>;
  parallel(flags?: Flags): <A extends Pieces, R>(fn: (...pieces: A) => R) => ParallelFunction<A, R>;
  parallel(fnOrFlags: unknown = {}): unknown {
    const make = (view: LoadBalancedView, fn: unknown) =>
      parallelFunction<Pieces, unknown>(this.#ports, fn, view.flags);
    if (typeof fnOrFlags !== "object" || fnOrFlags === null) return make(this, fnOrFlags);
    const view = this.withFlags(fnOrFlags);
    return (fn: unknown) => make(view, fn);
  }

  /**
   * Makes a function that runs `fn` on an engine, like `apply`.
   *
   * @throws TypeError for anything but a function
   * @example
   * const add = view.remote((a: number, b: number) => a + b);
   * console.log(await add(1, 2)); // 3
   */
  remote<A extends readonly unknown[], R>(fn: (...args: A) => R): RemoteFunction<A, R> {
    checkedFunction(namedCall(fn).fn);
    const call: RemoteFunction<A, R> = (...args: readonly unknown[]) => this.#applied<Awaited<R>>(fn, args);
    Object.defineProperty(call, "name", { value: fn.name });
    return call;
  }

  /**
   * Returns an executor over this view: `submit`, `map`, `shutdown`.
   *
   * @example
   * const executor = view.executor();
   * const result = executor.submit(work, 1);
   * await executor.shutdown();
   */
  executor(): Executor {
    return new Executor(this.#ports, this);
  }

  /** One line for `console.log`: its flags. */
  [INSPECT](): string {
    return oneLine("LoadBalancedView", this.flags);
  }

  /**
   * Like `apply`, awaited.
   *
   * @example
   * const three = await view.applySync((a: number, b: number) => a + b, 1, 2);
   */
  applySync<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>>;
  applySync<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...args: OrResults<NoInfer<A>>
  ): Promise<Awaited<R>>;
  async applySync(fn: (...args: unknown[]) => unknown, ...args: unknown[]): Promise<unknown> {
    return this.apply(fn, ...args).get();
  }

  /**
   * Like `map`, awaited.
   *
   * @example
   * const squares = await view.mapSync((x: number) => x * x, [1, 2, 3]);
   */
  mapSync<X, R>(fn: (x: X) => R, xs: Iterable<X>): Promise<Awaited<R>[]>;
  mapSync<X, Y, R>(fn: (x: X, y: Y) => R, xs: Iterable<X>, ys: Iterable<Y>): Promise<Awaited<R>[]>;
  mapSync<A extends readonly unknown[], R>(fn: (...args: A) => R, ...sequences: Sequences<A>): Promise<Awaited<R>[]>;
  mapSync<X, R>(fn: (x: X) => R, xs: AsyncResult<X[]>): Promise<Awaited<R>[]>;
  mapSync<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...sequences: ResultSequences<NoInfer<A>>
  ): Promise<Awaited<R>[]>;
  async mapSync(fn: unknown, ...sequences: unknown[]): Promise<unknown[]> {
    const call = namedMap(fn, sequences);
    return this.#ports.results.of(submitMap<unknown[]>(this.#ports, call.fn, call.input, this.flags)).get();
  }
}

/** Types of the arguments and results of a load-balanced view's methods. */
export declare namespace LoadBalancedView {
  export type { Executor, Input, Joined, ParallelFunction };
}

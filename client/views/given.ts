import type { AsyncResult } from "../results/async-result.ts";

type Result<T> = AsyncResult<T, unknown>;

/** What results cannot stand in: they have no items or fields that a task could be given by themselves. */
type Whole =
  | string
  | number
  | bigint
  | boolean
  | symbol
  | null
  | undefined
  | Date
  | RegExp
  | URL
  | ArrayBufferView
  | ((...args: never[]) => unknown);

/** A value, or the result of another task that will be it; the same of what an array or a plain object holds, at any depth. */
type OrResult<T> = T | Result<T> | (T extends Whole ? never : { [K in keyof T]: OrResult<T[K]> });

/** Arguments of which each may be given as a result, or hold some. */
export type OrResults<A extends readonly unknown[]> = { [K in keyof A]: OrResult<A[K]> };

/** The items of a sequence, some of which may be results; or a map's result, which stands for its items. */
export type ItemsOf<X> = Iterable<OrResult<X>> | Result<readonly X[]> | Result<X[]>;

/** One sequence for each parameter of a function, which may be a map's result. */
export type ResultSequences<A extends readonly unknown[]> = { [K in keyof A]: ItemsOf<A[K]> };

/** One sequence for each parameter of a function. */
export type Sequences<A extends readonly unknown[]> = { [K in keyof A]: Iterable<A[K]> };
/** What `imap` takes: sequences that may be asynchronous, a map's result among them. */
export type Input<T> = Iterable<T> | AsyncIterable<T>;
export type MapInputs<A extends readonly unknown[]> = { [K in keyof A]: Input<A[K]> };

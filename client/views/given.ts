import type { AsyncResult } from "../results/async-result.ts";

type Result<T> = AsyncResult<T, unknown>;

/**
 * Types whose parts cannot be replaced by results, because they have no items or fields that could be passed one by
 * one.
 */
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

/**
 * A value, or the result of a task that returns it. The same holds for the items of arrays and the fields of plain
 * objects, at any depth.
 */
type OrResult<T> = T | Result<T> | (T extends Whole ? never : { [K in keyof T]: OrResult<T[K]> });

/** Arguments, each of which may be or contain a result. */
export type OrResults<A extends readonly unknown[]> = { [K in keyof A]: OrResult<A[K]> };

/** A sequence whose items may be results, or a map's result, which counts as the sequence of its items. */
export type ItemsOf<X> = Iterable<OrResult<X>> | Result<readonly X[]> | Result<X[]>;

/** One sequence for each parameter of a function; each may be a map's result. */
export type ResultSequences<A extends readonly unknown[]> = { [K in keyof A]: ItemsOf<A[K]> };

/** One sequence for each parameter of a function. */
export type Sequences<A extends readonly unknown[]> = { [K in keyof A]: Iterable<A[K]> };
/** An input of `imap`: a sequence, synchronous or asynchronous, such as a map's result. */
export type Input<T> = Iterable<T> | AsyncIterable<T>;
export type MapInputs<A extends readonly unknown[]> = { [K in keyof A]: Input<A[K]> };

import type { SchemeName } from "../../lambdas/protocol/flags.ts";
import type { Dep } from "./dependency.ts";

/**
 * How the tasks of a view run. Every flag is optional.
 *
 * @example
 * const view = client.loadBalancedView({ retries: 2, backoff: { initialMs: 200 }, timeoutMs: 60_000 });
 */
export interface Flags {
  /**
   * Tasks that must finish before these start: ids, results (each with all of its tasks), a list of these, or a
   * `Dependency`. Default: none. Tasks whose dependency can no longer be met fail with ImpossibleDependency.
   */
  after?: Dep | undefined;
  /**
   * Like `after`; in addition, each task runs on an engine that ran all of these tasks, or one of them if `all` is
   * false. Default: none.
   */
  follow?: Dep | undefined;
  /**
   * Engine ids, or the name of a pool. Default: any engine. Refused with NoEnginesRegistered if an engine or the pool
   * does not exist.
   */
  targets?: number | readonly number[] | string | undefined;
  /**
   * Maximum wait in the queue, in milliseconds, counted from 0 again whenever the task is requeued. A task that waits
   * longer fails with TaskTimeout. Default 0: no limit.
   */
  timeoutMs?: number | undefined;
  /**
   * Maximum run time of one attempt, in milliseconds, at least 1. A longer attempt fails with RunTimeout. Default: as
   * long as the engine's invocation lasts.
   */
  runTimeoutMs?: number | undefined;
  /**
   * Maximum time from submission to outcome, in milliseconds, at least 1. A task that takes longer fails with
   * TaskTimeout. Default: no limit.
   */
  deadlineMs?: number | undefined;
  /** Number of further attempts if an attempt fails, at most 1000. Default 0. */
  retries?: number | undefined;
  /** Names (`ename`) of the errors to retry. Default: all errors. */
  retryOn?: readonly string[] | undefined;
  /** How long to wait before each further attempt. Default: no wait. */
  backoff?: Backoff | undefined;
  /**
   * Tasks with a higher priority run first: a whole number from -1,000,000 to 1,000,000. Default 0. Jobs of equal
   * priority share the engines.
   */
  priority?: number | undefined;
  /** A name to find the job by, at most 200 characters. Default: none. */
  label?: string | undefined;
  /**
   * Key that identifies the work, 1 to 200 characters. Until the first submission with a key expires, a further
   * submission with the same key, by any client, submits nothing and returns the result of the first, whatever the
   * function, arguments and flags of either. An `imap` numbers its items under the key. Default: none.
   */
  idempotencyKey?: string | undefined;
  /**
   * Maximum number of a map's items per task. Chunks are balanced: 9 items with `chunkSize` 4 become 3, 3 and 3.
   * Default 1.
   */
  chunkSize?: number | undefined;
  /** Whether iteration follows the order of the input; if false, items come as they complete. Default true. */
  ordered?: boolean | undefined;
  /**
   * Whether a failed item's error takes the place of its value instead of rejecting the whole result. Default false.
   */
  returnExceptions?: boolean | undefined;
  /**
   * Maximum number of an `imap`'s items that were read from its input but not yet yielded; 0: no limit. Default
   * `"auto"`: as many as were yielded in the last two seconds, at most 1,000, but at least four per engine.
   */
  maxOutstanding?: "auto" | number | undefined;
  /** Placement scheme for these tasks. Default: the cluster's. */
  scheme?: SchemeName | undefined;
  /**
   * Run the tasks only in pools with at least this much memory, in megabytes. Refused with InvalidFlag if no pool has
   * that much. Default: any pool.
   */
  memoryMb?: number | undefined;
  /**
   * Spending limit of a job, in US dollars, more than 0. It applies to each map, and to applies that share a job. Once
   * it is reached, no more tasks of the job start, and those that have not started fail with BudgetExceeded. Tasks that
   * engines already hold still run, so a job may overspend by one lease per engine. Counts the usage of engines and
   * scheduler as `cost()` does, but not the client's usage or jobs that the tasks submit. Default: no limit.
   */
  budgetUsd?: number | undefined;
  /**
   * Whether an attempt that ran out of memory or time is repeated in the next larger pool, without using up a retry.
   * Default false.
   */
  escalate?: boolean | undefined;
  /**
   * Whether a task waits for new engines if every engine refuses it or its engines no longer exist. Default false: it
   * fails with ImpossibleDependency.
   */
  waitForNew?: boolean | undefined;
  /**
   * Whether variables that the function uses are captured automatically; if false, each must be named by `requires`.
   * Default true.
   */
  capture?: boolean | undefined;
  /**
   * Names of captured values to send although they look like credentials. Default: none; such a value throws
   * CaptureError.
   */
  allowSecrets?: readonly string[] | undefined;
  /**
   * Aborts the tasks when the signal is aborted. (A signal given to `get` or `wait` ends only the wait.) Default: none.
   */
  signal?: AbortSignal | undefined;
}

/**
 * How long to wait at most before each further attempt: `initialMs` before the second attempt, then each time `factor`
 * times as long.
 *
 * @example
 * // At most 0.2 s, 0.4 s, 0.8 s, 1 s, 1 s:
 * const view = client.loadBalancedView({ retries: 5, backoff: { initialMs: 200, maxMs: 1000 } });
 */
export interface Backoff {
  /** Maximum wait before the second attempt, in milliseconds: a whole number, 0 or more. */
  initialMs: number;
  /** Factor by which the maximum wait grows before each further attempt, 1 or more. Default 2. */
  factor?: number | undefined;
  /** Maximum wait before any attempt, in milliseconds. Default: no limit. */
  maxMs?: number | undefined;
  /**
   * Whether each wait is drawn at random from the upper half of its length, so that tasks that failed together are not
   * retried together. Default true.
   */
  jitter?: boolean | undefined;
}

import type { Clock } from "../cluster/clock.ts";
import type { KnownCluster } from "../cluster/known-cluster.ts";
import { costOf } from "../cost/cost.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { ResultPart } from "../outcomes/result-part.ts";
import { ProgressRate } from "./progress-rate.ts";
import { recordedUsage } from "./result-cost.ts";
import type { ResultItems } from "./result-items.ts";

/**
 * The progress of a result, as far as this client knows.
 *
 * @example
 * const show = ({ done, total, perSecond }: AsyncResult.Progress) => console.log(done, total, perSecond);
 * result.onProgress(show);
 */
export interface Progress {
  /** Number of items that have finished, whatever their outcome. */
  done: number;
  /** Number of items. */
  total: number;
  /**
   * Number of finished items that failed. Of a chunk whose values are stored outside of its outcome page, at most one is
   * counted.
   */
  failed: number;
  /** Number of attempts that failed and were or will be repeated. */
  retries: number;
  /**
   * Items per second in the recent past, or since the beginning if none has finished lately; undefined if none has
   * finished.
   */
  perSecond: number | undefined;
  /**
   * Estimated time until all items have finished, in milliseconds, at the present rate; undefined if no rate is known.
   */
  remainingMs: number | undefined;
  /**
   * Cost of the tasks so far in US dollars, from the outcomes that were read. May be a second old until all items have
   * finished. `AsyncResult.cost()` also includes this client's usage. Undefined if the result has only a part of a job.
   */
  usd: number | undefined;
}

/** The parts of a client that provide the time and AWS's prices. */
export interface ProgressPorts {
  clock: Clock;
  cluster: Pick<KnownCluster, "prices">;
}

/** Minimum time between two computations of the cost, in milliseconds. Each takes time in proportion to the job. */
const COST_MS = 1000;

/** Counts the items of a result as their outcomes arrive. Causes no polls. */
export class ResultProgress {
  readonly #items: ResultItems;
  /** Counting the items takes time in proportion to the parts of the result. */
  readonly #total: number;
  readonly #ports: ProgressPorts;
  /** Whether the result consists of whole jobs. For parts of jobs, adding up the cost would take too long. */
  readonly #isWhole: boolean;
  #usd: number | undefined;
  #pricedAt = Number.NEGATIVE_INFINITY;
  readonly #rate: ProgressRate;
  readonly #ends: (() => void)[] = [];
  #done = 0;
  #failed = 0;
  #retries = 0;

  /** @param changed called after each change of a count */
  constructor(items: ResultItems, ports: ProgressPorts, changed: () => void = () => {}) {
    this.#items = items;
    this.#total = items.count;
    this.#ports = ports;
    this.#isWhole = items.parts.every(({ outcomes, from, to }) => from === 0 && to === outcomes.header?.tasks);
    for (const part of items.parts) this.#follow(part, changed);
    this.#rate = new ProgressRate(ports.clock.now(), this.#done);
  }

  /** The counts now. */
  now(): Progress {
    const [done, total] = [this.#done, this.#total];
    const now = this.#ports.clock.now();
    const perSecond = this.#rate.perSecond(now, done);
    const remainingMs = done === total ? 0 : perSecond && ((total - done) / perSecond) * 1000;
    if (this.#isWhole && (done === total || now - this.#pricedAt >= COST_MS)) this.#price(now);
    return { done, total, failed: this.#failed, retries: this.#retries, perSecond, remainingMs, usd: this.#usd };
  }

  #price(now: number): void {
    this.#pricedAt = now;
    this.#usd = costOf(recordedUsage(this.#items.parts), this.#ports.cluster.prices).usd;
  }

  /** Stops counting. */
  end(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  #follow({ outcomes, from, to }: ResultPart, changed: () => void): void {
    for (let task = from; task < to; task++) {
      this.#retries += outcomes.retries(task);
      if (outcomes.isFinal(task)) this.#ended(outcomes, task);
    }
    const onEnd = (task: number) => {
      this.#ended(outcomes, task);
      changed();
    };
    const onRetry = () => {
      this.#retries++;
      changed();
    };
    this.#ends.push(outcomes.waiters.observe({ from, to, onEnd, onRetry }));
  }

  #ended(outcomes: JobOutcomes, task: number): void {
    this.#done += this.#items.itemsOf(outcomes, task);
    this.#failed += this.#items.failuresOf(outcomes, task);
  }
}

/**
 * Calls a listener soon, and then after each change, at most once per turn of the event loop.
 *
 * @returns a function that ends the calls
 */
export function followProgress(
  items: ResultItems,
  ports: ProgressPorts,
  listener: (progress: Progress) => void,
): () => void {
  let isAsked = false;
  let isEnded = false;
  const ask = () => {
    if (isAsked) return;
    isAsked = true;
    // An error that the listener throws must not stop the reading of outcomes. From a microtask it reaches the process.
    queueMicrotask(() => {
      isAsked = false;
      if (!isEnded) listener(progress.now());
    });
  };
  const progress = new ResultProgress(items, ports, ask);
  ask();
  return () => {
    isEnded = true;
    progress.end();
  };
}

import pLimit from "p-limit";
import { parseAbortRanges } from "../../lambdas/core/abort-ranges.ts";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import type { IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import { BUCKET_TASKS } from "../../lambdas/protocol/spec-page.ts";
import type { Clock } from "../cluster/clock.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import { ClusterEnded } from "../cluster/cluster-ended.ts";
import { FirstPollDelay } from "./first-poll-delay.ts";
import { LoneTasks } from "./lone-tasks.ts";
import type { JobOutcomes } from "./outcome-store.ts";
import { pollInterval } from "./poll-interval.ts";
import { planPoll, wholeJob } from "./poll-plan.ts";
import { PollTurns } from "./poll-turns.ts";
import { Ticker } from "./ticker.ts";
import { isSmall, newWatch, type Watch } from "./watched-job.ts";

/** Maximum number of concurrent queries, over all jobs: a poll of a large graph makes a hundred. */
const CONCURRENT_QUERIES = 16;

/** Number of polls that fail in a row, each after the SDK's own retries, before waiters get the error. */
const FAILED_POLLS = 3;
const FAILED_PAUSE_MS = 300;

/** Milliseconds without news after which a poll also reads pages that should contain nothing new; doubled each time. */
const THOROUGH_AFTER_MS = 2000;

/**
 * Jobs of up to this many buckets are polled without first reading how far they were claimed: that read would delay the
 * others and save few of them.
 */
const FEW_BUCKETS = 3;

/** If the first waiter comes at least this many milliseconds after the submission, the first poll is made at once. */
const LATE_WAIT_MS = 100;

/**
 * Polls the outcomes of every job that something waits for, at an interval that adapts to each job, and wakes the
 * scheduler meanwhile (see `Ticker`). Jobs that nothing waits for are not polled.
 */
export class OutcomePoller {
  readonly #cloud: CloudPort;
  readonly #clock: Clock;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #watches = new Map<JobOutcomes, Watch>();
  /** Watches that have ended: a job whose tasks are awaited one after another goes on with its polling interval. */
  readonly #paused = new WeakMap<JobOutcomes, Watch>();
  /** Jobs whose tasks have all been claimed: their rows have no further news. */
  readonly #allClaimed = new WeakSet<JobOutcomes>();
  readonly #turns: PollTurns = new PollTurns(this.#watches);
  readonly #ticker: Ticker;
  readonly #firstPollDelay = new FirstPollDelay();
  readonly #loneTasks = new LoneTasks();
  #closed: Error | undefined;

  constructor(cloud: CloudPort, clock: Clock) {
    this.#cloud = cloud;
    this.#clock = clock;
    // If the cloud lets polls wait for news, a waiting poll must not keep others from starting.
    this.#limit = pLimit(cloud.canWait ? Number.POSITIVE_INFINITY : CONCURRENT_QUERIES);
    this.#ticker = new Ticker(cloud, clock);
  }

  /**
   * Starts watching a job. Watches are counted: polling stops once every returned release function has been called.
   *
   * @param live whether the caller passes outcomes on as they arrive, for example to show progress
   */
  watch(outcomes: JobOutcomes, live = false): () => void {
    this.hold(outcomes, live);
    return () => this.release(outcomes, live);
  }

  /** Like `watch`, without a function to end the watch: `release` ends it. */
  hold(outcomes: JobOutcomes, live = false): void {
    if (this.#closed) {
      outcomes.fail(this.#closed);
      return;
    }
    const watch = this.#watches.get(outcomes) ?? this.#begin(outcomes);
    watch.users++;
    if (live) watch.live++;
  }

  release(outcomes: JobOutcomes, live = false): void {
    const watch = this.#watches.get(outcomes);
    if (watch === undefined) return;
    watch.users--;
    if (live) watch.live--;
    if (watch.users > 0) return;
    watch.cancelTimer();
    this.#watches.delete(outcomes);
    watch.pausedAt = this.#clock.now();
    this.#paused.set(outcomes, watch);
    this.#passTurn(watch, "ended");
  }

  /** Whether only this job is waited for, its only task is probably short, and the cloud's polls do not wait. */
  awaitsOnly(outcomes: JobOutcomes, code: string): boolean {
    const isOnly = !this.#cloud.canWait && this.#watches.size === 1 && this.#watches.has(outcomes);
    return isOnly && this.#loneTasks.next(outcomes, code);
  }

  /** Polls once, as soon as the job is submitted, for outcomes of the tasks in [from, to). */
  async pollOnce(outcomes: JobOutcomes, from: number, to: number): Promise<void> {
    await outcomes.submitted;
    if (this.#closed) throw this.#closed;
    if (outcomes.missing === 0) return;
    if (await this.#read(outcomes, (first, past) => first < to && past > from, {}))
      this.#ticker.news(this.#clock.now());
    this.#ticker.consider([outcomes]);
  }

  /** Ends all waits with this error. */
  close(error: Error): void {
    this.#closed = error;
    for (const { outcomes, cancelTimer } of this.#watches.values()) {
      cancelTimer();
      outcomes.waiters.rejectAll(error);
    }
    this.#watches.clear();
  }

  #begin(outcomes: JobOutcomes): Watch {
    const paused = this.#paused.get(outcomes);
    const watch = paused ?? newWatch(outcomes, THOROUGH_AFTER_MS);
    this.#watches.set(outcomes, watch);
    this.#turns.join(watch, this.#clock.now());
    const begin = () => {
      // All outcomes came with the scheduler's answer.
      if (outcomes.header !== undefined && outcomes.missing === 0) return;
      const now = this.#clock.now();
      if (watch.since === 0) {
        watch.since = watch.lastNews = now;
        // A first waiter may come long after the submission, when an outcome is probably there: then poll at once.
        if (isSmall(outcomes) && now - (outcomes.header?.submitted ?? 0) < LATE_WAIT_MS)
          watch.nextPollAt = now + this.#turns.pause(watch, Math.round(this.#firstPollDelay.ms));
        this.#ticker.news(now);
      } else if (paused) {
        // Time without polling does not count as time without news.
        watch.since += now - watch.pausedAt;
        watch.lastNews += now - watch.pausedAt;
      }
      if (this.#watches.get(outcomes) === watch) this.#schedule(watch, Math.max(0, watch.nextPollAt - now));
    };
    // A refused submission has already failed its waiters.
    outcomes.submitted.then(begin, () => {});
    return watch;
  }

  #schedule(watch: Watch, ms: number): void {
    watch.cancelTimer();
    watch.nextPollAt = this.#clock.now() + ms;
    watch.cancelTimer = this.#clock.after(ms, () => void this.#poll(watch));
  }

  async #poll(watch: Watch): Promise<void> {
    const { outcomes } = watch;
    const isWatched = () => this.#watches.get(outcomes) === watch;
    if (!isWatched()) return;
    try {
      const waits = this.#waits(outcomes);
      const thorough = this.#clock.now() - watch.lastNews >= watch.thoroughAfterMs;
      if (thorough) watch.thoroughAfterMs *= 2;
      const isNews = await this.#read(outcomes, (from, to) => outcomes.waiters.wants(from, to), { thorough, waits });
      watch.failures = 0;
      if (isNews) {
        const now = this.#clock.now();
        if (outcomes.header?.tasks === 1) this.#firstPollDelay.found(now - watch.since, watch.emptyPolls + 1);
        watch.lastNews = now;
        watch.emptyPolls = Number.POSITIVE_INFINITY;
        watch.thoroughAfterMs = THOROUGH_AFTER_MS;
        this.#ticker.news(watch.lastNews);
      } else watch.emptyPolls++;
    } catch (cause) {
      if (cause instanceof ClusterEnded) outcomes.waiters.rejectAll(cause);
      else if (++watch.failures >= FAILED_POLLS) {
        const message = `outcomes of job ${outcomes.job} could not be read: ${String(cause)}. Its tasks keep running; wait again`;
        watch.failures = 0;
        outcomes.waiters.rejectAll(new ClusterError(message, { cause }));
      }
    }
    if (!isWatched()) return;
    if (watch.failures > 0) return this.#schedule(watch, FAILED_PAUSE_MS * watch.failures);
    this.#ticker.consider(this.#watches.keys());
    const now = this.#clock.now();
    // The cloud answers a waiting poll when there is news or after a second, so no pause is needed between two of them.
    if (this.#waits(outcomes)) return this.#schedule(watch, 1);
    const missing = outcomes.missing;
    const interval = pollInterval({
      elapsedMs: now - watch.since,
      sinceNewsMs: now - watch.lastNews,
      done: (outcomes.header?.tasks ?? 0) - missing,
      missing,
      live: watch.live > 0,
      emptyPolls: isSmall(outcomes) ? watch.emptyPolls : Number.POSITIVE_INFINITY,
    });
    if (this.#turns.isOver(watch, now)) this.#passTurn(watch, "silent");
    const due = outcomes.dueAfter(now) ?? Number.POSITIVE_INFINITY;
    const pause = this.#turns.pause(watch, Math.min(interval, due - now + 1, this.#ticker.nextAt - now));
    this.#schedule(watch, Math.max(1, pause));
  }

  /** Gives this job's turn to another, which is polled at once if its submission was answered. */
  #passTurn(watch: Watch, why: "ended" | "silent"): void {
    const next = this.#turns.leave(watch, this.#clock.now(), why);
    if (next && next.since > 0) this.#schedule(next, 1);
  }

  /**
   * Returns ranges of tasks that may have outcomes. A job of few buckets is returned whole, because reading how far it
   * was claimed would cost as much as it saves.
   */
  async #claimed(outcomes: JobOutcomes): Promise<IndexRange[]> {
    const tasks = outcomes.header?.tasks ?? 0;
    if (this.#allClaimed.has(outcomes) || tasks <= FEW_BUCKETS * BUCKET_TASKS || outcomes.header?.free !== undefined)
      return wholeJob(outcomes);
    const row = await this.#cloud.jobRow(outcomes.job);
    const cursor = row?.from ?? tasks;
    if (cursor >= tasks) this.#allClaimed.add(outcomes);
    const { ahead } = parseAbortRanges(row?.aborted);
    return ahead.length > 0 ? wholeJob(outcomes) : [[0, cursor]];
  }

  async #read(
    outcomes: JobOutcomes,
    wants: (from: number, to: number) => boolean,
    { thorough = false, waits = false }: { thorough?: boolean; waits?: boolean },
  ): Promise<boolean> {
    const queries = planPoll(outcomes, await this.#claimed(outcomes), wants, thorough);
    let isNews = false;
    await Promise.all(
      queries.map(async ({ bucket, first, past }) => {
        const pages = await this.#limit(() => this.#cloud.outcomePages(outcomes.job, bucket, first, past, waits));
        for (const page of pages) if (outcomes.add(bucket, page)) isNews = true;
      }),
    );
    return isNews;
  }

  /**
   * Whether polls of this job may wait in the cloud until there is news. Polls of several buckets may not, because news
   * of one bucket would be held back until the polls of the others return.
   */
  #waits({ header, waiters }: JobOutcomes): boolean {
    return (
      this.#cloud.canWait === true && waiters.size > 0 && (header?.tasks ?? Number.POSITIVE_INFINITY) <= BUCKET_TASKS
    );
  }
}

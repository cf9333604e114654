import type { IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { Outstanding } from "../outcomes/final-poll.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { ResultPart } from "../outcomes/result-part.ts";

/**
 * Consecutive tasks submitted to one job. The reference to their outcomes is weak, so that the history does not keep
 * them in memory.
 */
interface Submitted {
  job: string;
  from: number;
  to: number;
  /** The outcomes of the tasks; undefined once all of them have ended. */
  outcomes: WeakRef<JobOutcomes> | undefined;
}

/**
 * The tasks that one client has submitted, in order, each once. Takes a few words of memory per job and does not keep
 * results alive.
 */
export class SubmissionHistory {
  #submitted: Submitted[] = [];
  /** Ids of jobs under idempotency keys. Only these can be submitted twice. */
  readonly #keyed = new Set<string>();
  /** Jobs that may have unfinished tasks. */
  readonly #unfinished = new Map<string, Submitted[]>();

  /** Adds newly submitted tasks. Tasks under an idempotency key are added once. */
  add({ outcomes, from, to }: ResultPart, isKeyed = false): void {
    if (isKeyed && this.#keyed.has(outcomes.job)) return;
    if (isKeyed) this.#keyed.add(outcomes.job);
    const last = this.#submitted.at(-1);
    if (last?.job === outcomes.job && last.to === from) {
      last.to = to;
      return;
    }
    const submitted = { job: outcomes.job, from, to, outcomes: new WeakRef(outcomes) };
    const others = this.#unfinished.get(outcomes.job) ?? [];
    this.#submitted.push(submitted);
    this.#unfinished.set(outcomes.job, [...others, submitted]);
    // The tasks of a refused job never run, so they do not count as unfinished.
    outcomes.submitted.catch(() => this.#over(outcomes.job));
  }

  /** Records the number of tasks of a job that had already been submitted. */
  resized(job: string, tasks: number): void {
    for (const submitted of this.#submitted) if (submitted.job === job) submitted.to = tasks;
  }

  /**
   * Called when a task has ended: marks the job as finished if that was its last. A withdrawn job counts as never
   * submitted.
   */
  ended(outcomes: JobOutcomes): void {
    if (outcomes.missing > 0 || !this.#unfinished.has(outcomes.job)) return;
    this.#over(outcomes.job);
    if (!outcomes.isWithdrawn) return;
    this.#submitted = this.#submitted.filter(({ job }) => job !== outcomes.job);
    this.#keyed.delete(outcomes.job);
  }

  /** Whether this client has submitted tasks of the job that may be unfinished. */
  isUnfinished(job: string): boolean {
    return this.#unfinished.has(job);
  }

  /** Ids of all tasks, in the order of submission. */
  ids(): string[] {
    return this.#submitted.flatMap(({ job, from, to }) => idsBetween(job, from, to));
  }

  /** Ids of the tasks that have not ended, as far as this process knows. */
  outstandingIds(): string[] {
    return this.outstanding().flatMap(({ job, ranges }) => ranges.flatMap(([from, to]) => idsBetween(job, from, to)));
  }

  /**
   * The unfinished tasks, as ranges by job. If a job's outcomes were released before all its tasks had ended, its whole
   * range counts.
   */
  outstanding(): Outstanding[] {
    return [...this.#unfinished].map(([job, parts]) => ({
      job,
      ranges: parts.flatMap(({ from, to, outcomes }) => unfinished(outcomes?.deref(), from, to)),
    }));
  }

  #over(job: string): void {
    for (const submitted of this.#unfinished.get(job) ?? []) submitted.outcomes = undefined;
    this.#unfinished.delete(job);
  }
}

function unfinished(outcomes: JobOutcomes | undefined, from: number, to: number): IndexRange[] {
  if (outcomes === undefined || outcomes.missingBetween(from, to) === to - from) return [[from, to]];
  const ranges: [number, number][] = [];
  for (let task = from; task < to; task++) {
    if (outcomes.isFinal(task)) continue;
    const last = ranges.at(-1);
    if (last?.[1] === task) last[1] = task + 1;
    else ranges.push([task, task + 1]);
  }
  return ranges;
}

function idsBetween(job: string, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, at) => taskId(job, from + at));
}

import type { IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { Outstanding } from "../outcomes/last-look.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { ResultPart } from "../outcomes/result-part.ts";

/** Consecutive tasks that were submitted to one job. Their outcomes are held by whoever wants them, not by the history. */
interface Submitted {
  job: string;
  from: number;
  to: number;
  /** Absent when all have ended. */
  outcomes: WeakRef<JobOutcomes> | undefined;
}

/** What one client has submitted, in order, each task once. A few words a job: results are not kept for its sake. */
export class SubmissionHistory {
  #submitted: Submitted[] = [];
  /** Jobs that stand for idempotency keys: no other is submitted twice. */
  readonly #keyed = new Set<string>();
  /** Jobs of which tasks may be outstanding. */
  readonly #unfinished = new Map<string, Submitted[]>();

  /** Notes tasks that were just submitted. Those of one idempotency key are noted once. */
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
    // A job that was refused never ran.
    outcomes.submitted.catch(() => this.#over(outcomes.job));
  }

  /** Notes of how many tasks a job turned out to be, which somebody else had submitted. */
  resized(job: string, tasks: number): void {
    for (const submitted of this.#submitted) if (submitted.job === job) submitted.to = tasks;
  }

  /** Notes that a task has ended, when it was the job's last. A job that was taken back was never submitted. */
  ended(outcomes: JobOutcomes): void {
    if (outcomes.missing > 0 || !this.#unfinished.has(outcomes.job)) return;
    this.#over(outcomes.job);
    if (!outcomes.isWithdrawn) return;
    this.#submitted = this.#submitted.filter(({ job }) => job !== outcomes.job);
    this.#keyed.delete(outcomes.job);
  }

  /** Whether this client has submitted tasks of the job, and has not heard of the end of all. */
  isUnfinished(job: string): boolean {
    return this.#unfinished.has(job);
  }

  /** Ids of all tasks, in the order of their submission. */
  ids(): string[] {
    return this.#submitted.flatMap(({ job, from, to }) => idsBetween(job, from, to));
  }

  /** Ids of the tasks whose end this process has not heard of. */
  outstandingIds(): string[] {
    return this.outstanding().flatMap(({ job, ranges }) => ranges.flatMap(([from, to]) => idsBetween(job, from, to)));
  }

  /** The same as ranges by job. Where outcomes were let go of before all had ended, the whole range counts. */
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

import type { EncodedError } from "../../lambdas/protocol/outcome-page.ts";
import { parseTaskId, taskId } from "../../lambdas/protocol/task-id.ts";
import type { JobOutcomes } from "./outcome-store.ts";
import type { ResultPart } from "./result-part.ts";

/**
 * Number of failures whose error text is kept. The report shows only the first failure that is unread at the end, and
 * until then the program may read some of those kept.
 */
const TEXTS = 20;
const TEXT_CHARS = 300;
/** Maximum number of dependencies to follow back to the original failure. */
const MAX_CHAIN = 1000;

/** Tasks of one job that need no report. */
interface Heard {
  tasks: Set<number>;
  ranges: [from: number, to: number][];
}

/**
 * Failed tasks of this client whose error or value was never read, as far as the client knows.
 *
 * Keeps only the indexes of tasks and a few error texts, until they are read, so that it does not keep results in
 * memory.
 */
export class UnawaitedFailures {
  readonly #known: (job: string) => JobOutcomes | undefined;
  readonly #failed = new Map<string, Map<number, string | undefined>>();
  /** Unfinished tasks that were read, depended on or aborted. */
  readonly #heard = new Map<string, Heard>();
  #texts = 0;
  #hasAborted = false;

  /** @param known returns the outcomes of a job; undefined if this process does not hold them */
  constructor(known: (job: string) => JobOutcomes | undefined) {
    this.#known = known;
  }

  /** Records how a task of this client ended. */
  ended(outcomes: JobOutcomes, task: number): void {
    const { job } = outcomes;
    const isFailure = !outcomes.isOk(task) && !this.isHeard(job, task) && !this.#isOfAnAbort(outcomes, task);
    // The tasks of one page are reported one by one after all of them were stored, so remove the entry only afterwards.
    if (outcomes.missing === 0 && this.#heard.has(job)) queueMicrotask(() => this.#heard.delete(job));
    if (isFailure) this.#note(job, task, () => textOf(outcomes, task));
  }

  /** Records that tasks of this client were never accepted: their submission was refused, or did not arrive. */
  refused(job: string, from: number, to: number, error: Error): void {
    for (let task = from; task < to; task++)
      if (!this.isHeard(job, task)) this.#note(job, task, () => lineOf(`${error.name}: ${error.message}`, job, task));
  }

  #note(job: string, task: number, text: () => string): void {
    const failed = this.#failed.get(job) ?? new Map<number, string | undefined>();
    this.#failed.set(job, failed);
    failed.set(task, this.#texts < TEXTS ? text() : undefined);
    if (failed.get(task) !== undefined) this.#texts++;
  }

  /** Removes tasks whose error or value is being read; remembers those that have not ended yet. */
  awaited(parts: readonly ResultPart[]): void {
    for (const { outcomes, from, to } of parts) {
      if (outcomes.missingBetween(from, to) > 0) this.expected(outcomes.job, from, to);
      this.read(outcomes.job, from, to);
    }
  }

  /** Removes the failed tasks in [from, to). */
  read(job: string, from: number, to: number): void {
    const failed = this.#failed.get(job);
    if (failed === undefined) return;
    for (const [task, text] of failed) {
      if (task < from || task >= to) continue;
      if (text !== undefined) this.#texts--;
      failed.delete(task);
    }
    if (failed.size === 0) this.#failed.delete(job);
  }

  /** Records that the user aborts the tasks in [from, to): they need no report, however they end. */
  aborted(job: string, from: number, to: number): void {
    this.#hasAborted = true;
    this.expected(job, from, to);
  }

  /**
   * Records that failures of the unfinished tasks in [from, to) need no report here, because something else reports
   * them.
   */
  expected(job: string, from: number, to: number): void {
    const known = this.#known(job);
    if (known?.header && known.missing === 0) return;
    const heard = this.#heard.get(job) ?? { tasks: new Set(), ranges: [] };
    this.#heard.set(job, heard);
    if (to - from === 1) heard.tasks.add(from);
    else if (!heard.ranges.some(([first, past]) => first <= from && past >= to)) heard.ranges.push([from, to]);
  }

  /** Whether a failure of the task needs no report. */
  isHeard(job: string, task: number): boolean {
    const heard = this.#heard.get(job);
    if (heard === undefined) return false;
    return heard.tasks.has(task) || heard.ranges.some(([from, to]) => task >= from && task < to);
  }

  /** The report, in one line without a line break; `undefined` if there is nothing to report. */
  report(): string | undefined {
    // Code that awaited a refused submission has already received the error.
    const unheard = [...this.#failed].filter(([job]) => !this.#known(job)?.isFailureHeard);
    const all = unheard.flatMap(([job, failed]) => [...failed].map(([task, text]) => ({ job, task, text })));
    const [one] = all;
    if (one === undefined) return undefined;
    const first = all.find(({ text }) => text !== undefined)?.text ?? `task ${taskId(one.job, one.task)}`;
    const [noun, ask, results] = all.length === 1 ? ["task", "it", "its result"] : ["tasks", "them", "their results"];
    return `fantail: ${all.length} ${noun} failed and nobody awaited ${results}, first: ${first}. Await ${ask}, or pass reportUnawaited: false`;
  }

  /**
   * Whether the task was aborted, or failed because a task that it depends on was aborted. If the outcome of a task
   * between the two is unknown here, the failure is attributed to an abort if this client has aborted any task.
   */
  #isOfAnAbort(outcomes: JobOutcomes, task: number): boolean {
    let final = outcomes.final(task);
    for (let links = 0; links < MAX_CHAIN; links++) {
      if (final?.status === "aborted") return true;
      const { dependency, reason }: Partial<EncodedError> = final?.error ?? {};
      if (final?.status !== "impossible" || dependency === undefined) return false;
      if (reason === "was aborted") return true;
      const { job, index } = parseTaskId(dependency);
      final = this.#known(job)?.final(index);
      if (final === undefined) return this.#hasAborted;
    }
    return false;
  }
}

function textOf(outcomes: JobOutcomes, task: number): string {
  const { status = "error", error } = outcomes.final(task) ?? {};
  const text = error ? `${error.ename}: ${error.evalue}` : `it ended as ${status}`;
  return lineOf(text, outcomes.job, task);
}

function lineOf(text: string, job: string, task: number): string {
  const line = text.replace(/\s+/g, " ");
  return `${line.length <= TEXT_CHARS ? line : `${line.slice(0, TEXT_CHARS - 1)}…`} (task ${taskId(job, task)})`;
}

import { type Engine, engineLoad } from "../../lambdas/core/engine.ts";
import { isEligible } from "../../lambdas/core/queue-name.ts";
import { isAnotherAttempt } from "../../lambdas/core/settle.ts";
import type { Backoff } from "../../lambdas/protocol/flags.ts";
import { holdsIndex, type IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import { jobKey, type Row, type RowKey } from "../../lambdas/protocol/rows.ts";
import { headerOf } from "../../lambdas/scheduler/rows/job-row.ts";
import type { TablesView } from "./tables-view.ts";

/** Tolerance for times, which are stored in whole milliseconds. */
const ROUNDING_MS = 2;

/**
 * An engine counts as idle if it was idle this long before and after a retry was leased. Otherwise, the pass may have
 * chosen the engine before that one became idle, or had other work for it.
 */
const IDLE_BEFORE_MS = 1000;
const IDLE_AFTER_MS = 500;

/** A task that an engine has just received. */
export interface LeasedTask {
  job: string;
  index: number;
  attempt: number;
  /** The engine that received it. */
  engine: number;
  /** When and in which queue it was queued; undefined if an outcome page named it as the next task. */
  entry?: { queued: number; queue: string };
}

export interface LeaseRulesSettings {
  tables: { peek(key: RowKey): Row | undefined };
  view: TablesView;
  clock: { now(): number; at(time: number, fire: () => void): void };
  /** Maximum error of a scheduler's clock, in milliseconds. */
  skewMs: number;
  /** Maximum time from a claim to its lease, in milliseconds; undefined: schedulers may stall for any time. */
  passMs: number | undefined;
  /** Whether schedulers neither die nor stall, so that a retry must find an idle engine. */
  isCalm: boolean;
  /** Called for each violation. */
  violated?(text: string): void;
}

/** Checks whether an engine may have received a task, by the guarantees of flags and aborts. */
export class LeaseRules {
  readonly wrong: string[] = [];
  readonly #of: LeaseRulesSettings;
  readonly #headers = new Map<string, JobHeader>();
  /** Acknowledged aborts, by job. */
  readonly #aborts = new Map<string, { range: IndexRange; at: number }[]>();
  /** Since when each engine has had no tasks. */
  readonly #idleSince = new Map<number, number>();

  constructor(of: LeaseRulesSettings) {
    this.#of = of;
  }

  /** Notes that an abort was acknowledged: tasks that no engine holds must not start any more. */
  answeredAbort(job: string, ranges: readonly IndexRange[]): void {
    const known = this.#aborts.get(job) ?? [];
    this.#aborts.set(job, [...known, ...ranges.map((range) => ({ range, at: this.#of.clock.now() }))]);
  }

  /** Notes the current state of an engine. */
  noteEngine(engine: Engine): void {
    if (engine.session || engineLoad(engine) > 0) this.#idleSince.delete(engine.id);
    else if (!this.#idleSince.has(engine.id)) this.#idleSince.set(engine.id, this.#of.clock.now());
  }

  /** Checks a task that an engine has just received. */
  check(task: LeasedTask): void {
    const header = this.#headerOf(task.job);
    if (!header) return;
    for (const text of [this.#afterAbort(task), this.#afterItsTime(task, header), this.#beforeItsTime(task, header)])
      if (text) this.#violated(`${nameOf(task)}: ${text}`);
    if (this.#of.isCalm) this.#whereItFailed(task, header);
  }

  #violated(text: string): void {
    this.wrong.push(text);
    this.#of.violated?.(text);
  }

  #headerOf(job: string): JobHeader | undefined {
    const row = this.#of.tables.peek(jobKey(job));
    const header = this.#headers.get(job) ?? (row && headerOf(row));
    if (header) this.#headers.set(job, header);
    return header;
  }

  #afterAbort({ job, index, engine }: LeasedTask): string | undefined {
    const { passMs, clock } = this.#of;
    if (passMs === undefined) return undefined;
    const abort = this.#aborts
      .get(job)
      ?.find(({ range, at }) => holdsIndex([range], index) && clock.now() > at + passMs);
    return abort && `engine ${engine} got it ${Math.round(clock.now() - abort.at)} ms after its abort was answered`;
  }

  #afterItsTime({ entry, engine }: LeasedTask, { flags, submitted }: JobHeader): string | undefined {
    const { passMs, skewMs, clock } = this.#of;
    if (passMs === undefined) return undefined;
    const late = (end: number) => clock.now() - end - passMs - 2 * skewMs;
    if (flags.deadlineMs && late(submitted + flags.deadlineMs) > 0)
      return `engine ${engine} got it after its deadlineMs (${flags.deadlineMs} ms)`;
    if (entry && flags.timeoutMs && late(entry.queued + flags.timeoutMs) > 0)
      return `engine ${engine} got it after its timeoutMs (${flags.timeoutMs} ms)`;
    return undefined;
  }

  /** The page and status of the previous attempt, if its outcome calls for another attempt. */
  #attemptBefore({ index, attempt }: LeasedTask, header: JobHeader) {
    if (attempt < 2) return undefined;
    for (const { page } of this.#of.view.pages(header))
      for (const one of page.entries)
        if (one.index === index && one.attempt === attempt - 1 && !one.final && isAnotherAttempt(one))
          return { page, status: one.status };
    return undefined;
  }

  #beforeItsTime(task: LeasedTask, header: JobHeader): string | undefined {
    const { backoff, deadlineMs } = header.flags;
    const before = backoff && this.#attemptBefore(task, header);
    if (!before) return undefined;
    const deadline = deadlineMs ? header.submitted + deadlineMs : Number.POSITIVE_INFINITY;
    const { clock, skewMs } = this.#of;
    const due = Math.min(deadline, before.page.received + leastBackoffMs(backoff, task.attempt - 1));
    const early = due - clock.now() - 2 * skewMs - ROUNDING_MS;
    return early > 0 ? `engine ${task.engine} got it ${Math.round(early)} ms before its backoff was over` : undefined;
  }

  #whereItFailed(task: LeasedTask, header: JobHeader): void {
    const { clock, view } = this.#of;
    const { engine, entry } = task;
    // A reporting engine may take the retry if nothing else is queued. A scheme must choose another engine.
    if (!entry || !this.#idleSince.has(engine)) return;
    const before = this.#attemptBefore(task, header);
    if (before?.status !== "error" || before.page.engine !== engine) return;
    const now = clock.now();
    for (const other of view.engines()) {
      const since = this.#idleSince.get(other.id);
      if (other.id === engine || other.closed || other.resting || since === undefined) continue;
      if (now - since < IDLE_BEFORE_MS || !isEligible(other, entry.queue)) continue;
      clock.at(now + IDLE_AFTER_MS, () => {
        if (this.#idleSince.get(other.id) === since)
          this.#violated(
            `${nameOf(task)}: engine ${engine}, on which it failed, got it again although engine ${other.id} was idle`,
          );
      });
    }
  }
}

function nameOf({ job, index, attempt }: LeasedTask): string {
  return `${job.slice(-3)}.${index} attempt ${attempt}`;
}

/** The shortest allowed delay after an attempt: with jitter, half of the full delay. */
function leastBackoffMs({ initialMs, factor = 2, maxMs, jitter }: Backoff, attempt: number): number {
  const full = Math.min(initialMs * factor ** (attempt - 1), maxMs ?? Number.POSITIVE_INFINITY);
  return jitter === false ? full : full / 2;
}

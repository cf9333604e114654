import { isRecallText, parseRecalls } from "../../lambdas/core/recall.ts";
import { commonRanges, type IndexRange, withoutRanges } from "../../lambdas/protocol/index-ranges.ts";
import type { Row } from "../../lambdas/protocol/rows.ts";
import { openJobRow } from "../../lambdas/scheduler/rows/open-job.ts";

/** Minimum time between the first scan that misses a task and its recall, in milliseconds. */
const RECALLED_AFTER_MS = 4000;

/** What a job's claims and scans have shown. */
interface SeenJob {
  claims: { at: number; range: IndexRange }[];
  missed: { at: number; ranges: IndexRange[] }[];
}

/** Checks that no task is recalled soon after its claim: one scan that misses a task does not prove its loss. */
export class RecallRules {
  readonly #clock: { now(): number };
  /** Maximum difference between the clocks of two schedulers, in milliseconds. */
  readonly #skewMs: number;
  readonly #jobs = new Map<string, SeenJob>();

  constructor(clock: { now(): number }, skewMs: number) {
    this.#clock = clock;
    this.#skewMs = skewMs;
  }

  #of(pk: string): SeenJob {
    const seen = this.#jobs.get(pk) ?? { claims: [], missed: [] };
    this.#jobs.set(pk, seen);
    return seen;
  }

  /** Notes that all schedulers have died: the next one may recall their tasks at once. */
  restarted(): void {
    for (const seen of this.#jobs.values()) seen.claims = [];
  }

  /** Notes a claim at the cursor of a job. */
  claimed(pk: string, range: IndexRange): void {
    this.#of(pk).claims.push({ at: this.#clock.now(), range });
  }

  /** Notes the tasks that a scan of a job missed. */
  scanned({ pk, body }: Row): void {
    const { lost = [] } = openJobRow.parse({ pk, sk: "scan", body });
    if (lost.length > 0) this.#of(pk).missed.push(...lost);
  }

  /** Returns tasks that are recalled although they were claimed a moment ago and no earlier scan has missed them. */
  tooSoon(pk: string, aborted: readonly string[]): IndexRange[] {
    const { claims, missed } = this.#of(pk);
    const before = this.#clock.now() - RECALLED_AFTER_MS + 2 * this.#skewMs;
    const recalled = parseRecalls(aborted.filter(isRecallText)).flatMap(({ ranges }) => ranges);
    const claimed = claims.filter(({ at }) => at > before).map(({ range }) => range);
    const known = missed.filter(({ at }) => at <= before).flatMap(({ ranges }) => ranges);
    return recalled.flatMap((range) => claimed.flatMap((one) => withoutRanges(commonRanges([range], [one]), known)));
  }
}

import { LRUCache } from "lru-cache";
import type { TaskLength } from "../../core/task-length.ts";
import type { WaitGraph } from "../../core/wait-graph.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import type { SpecPage } from "../../protocol/spec-page.ts";
import { JobSpending } from "./job-spending.ts";

/**
 * A scheduler process's memory of jobs. The remembered headers, wait groups, spec pages and code units never change
 * once they are stored.
 */
export interface JobMemory {
  /** Job headers by id. */
  readonly headers: LRUCache<string, JobHeader>;
  /** Wait groups by job. */
  readonly graphs: LRUCache<string, WaitGraph>;
  /** Jobs on which tasks of other jobs are known to depend. */
  readonly depended: LRUCache<string, true>;
  /** Spec pages by `job#first`. */
  readonly specs: LRUCache<string, SpecPage>;
  /** Code units by hash: Brotli, base64. */
  readonly units: LRUCache<string, string>;
  /** Measured run times of tasks, by job. */
  readonly lengths: LRUCache<string, TaskLength>;
  /** Spending of jobs with a budget that this process has not added to their rows yet. */
  readonly spending: JobSpending;
  /**
   * When this process last reconciled open jobs for a waiting client, epoch milliseconds. After a slow reconciliation
   * it is set to a later time, so that the next one is postponed.
   */
  reconciled: number;
}

/** Access to the memory of jobs. */
export interface RemembersJobs {
  readonly memory: { readonly jobs: JobMemory };
}

/**
 * Maximum total size of the cached spec pages, in characters, and likewise of the cached code units. Both together stay
 * well below the function's memory.
 */
const CACHE_CHARS = 64_000_000;

/** @param remembered maximum number of jobs to remember */
export function newJobMemory(remembered: number): JobMemory {
  return {
    headers: new LRUCache({ max: remembered }),
    graphs: new LRUCache({ max: Math.min(remembered, 1000) }),
    depended: new LRUCache({ max: remembered }),
    specs: new LRUCache({ maxSize: CACHE_CHARS, sizeCalculation: (page) => 200 + specChars(page) }),
    units: new LRUCache({ maxSize: CACHE_CHARS, sizeCalculation: (body) => 100 + body.length }),
    lengths: new LRUCache({ max: remembered }),
    spending: new JobSpending(remembered),
    reconciled: 0,
  };
}

function specChars(page: SpecPage): number {
  let chars = 0;
  for (const [, args] of page.tasks)
    chars += 16 + (typeof args === "string" ? args.length : JSON.stringify(args).length);
  return chars;
}

import type { CallSite } from "./call-site.ts";

/** Maximum number of calls recorded per job: each takes a kilobyte. */
const MOST_CALLS = 1000;

/** The places in the user's code where one job's tasks were submitted. */
export class CallSites {
  readonly #calls = new Map<number, CallSite>();

  /** Records that the tasks from this one on were submitted at `site`. */
  note(task: number, site: CallSite): void {
    if (this.#calls.size < MOST_CALLS) this.#calls.set(task, site);
  }

  /** Where a task was submitted, if this process did it. All tasks of a map have the same call. */
  of(task: number, isMap: boolean): CallSite | undefined {
    return this.#calls.get(task) ?? (isMap ? this.#calls.get(0) : undefined);
  }
}

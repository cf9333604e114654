import type { CallSite } from "./call-site.ts";

/** Maximum number of calls recorded per job. Each recorded call takes about a kilobyte. */
const MAX_CALLS = 1000;

/** The places in the user's code where one job's tasks were submitted. */
export class CallSites {
  readonly #calls = new Map<number, CallSite>();

  /** Records that the tasks from `task` on were submitted at `site`. */
  note(task: number, site: CallSite): void {
    if (this.#calls.size < MAX_CALLS) this.#calls.set(task, site);
  }

  /**
   * Where this process submitted a task; undefined if the place was not recorded. All tasks of a map have the same
   * call.
   */
  of(task: number, isMap: boolean): CallSite | undefined {
    return this.#calls.get(task) ?? (isMap ? this.#calls.get(0) : undefined);
  }
}

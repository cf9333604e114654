import type { CallSite } from "./call-site.ts";

/** Maximum number of calls recorded per job. Each recorded call takes about a kilobyte. */
const MAX_CALLS = 1000;

/** The places in the user's code where one job's tasks were submitted. */
export class CallSites {
  #calls: Map<number, CallSite> | undefined;

  /** Whether further calls are recorded. To capture one takes some microseconds and a kilobyte. */
  get hasRoom(): boolean {
    return (this.#calls?.size ?? 0) < MAX_CALLS;
  }

  /** Records that the tasks from `task` on were submitted at `site`. */
  note(task: number, site: CallSite): void {
    if (!this.hasRoom) return;
    this.#calls ??= new Map();
    this.#calls.set(task, site);
  }

  /**
   * Where this process submitted a task; undefined if the place was not recorded. All tasks of a map have the same
   * call.
   */
  of(task: number, isMap: boolean): CallSite | undefined {
    return this.#calls?.get(task) ?? (isMap ? this.#calls?.get(0) : undefined);
  }
}

import type { CallSite } from "./call-site.ts";

/** Calls are noted of so many applies of one turn: each takes a kilobyte. */
const MOST_CALLS = 1000;

/** Where the tasks of one job were submitted in the user's code. */
export class CallSites {
  readonly #calls = new Map<number, CallSite>();

  /** The tasks from this one on were submitted there. */
  note(task: number, site: CallSite): void {
    if (this.#calls.size < MOST_CALLS) this.#calls.set(task, site);
  }

  /** Where a task was submitted, if this process did it. All tasks of a map were submitted by one call. */
  of(task: number, isMap: boolean): CallSite | undefined {
    return this.#calls.get(task) ?? (isMap ? this.#calls.get(0) : undefined);
  }
}

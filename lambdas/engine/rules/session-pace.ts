/** Number of measurements that a mean covers. */
const TASKS = 32;
const ROUND_TRIPS = 4;

/** What a session has measured so far, in milliseconds. */
export interface Pace {
  /** Mean run time of the job's last tasks; undefined if the session's last measured task is of another job. */
  meanMs: number | undefined;
  /** Mean time from a report to its answer; undefined until a report was answered. */
  roundTripMs: number | undefined;
}

/** Measures how long the tasks of a session and its reports take. */
export class SessionPace {
  #job = "";
  #tasks = new MovingMean(TASKS);
  readonly #roundTrips = new MovingMean(ROUND_TRIPS);

  /** Records that a report was answered after `ms` milliseconds. */
  answered(ms: number): void {
    this.#roundTrips.add(ms);
  }

  /** Records that a task of the job ran for `ms` milliseconds. */
  ran(job: string, ms: number): void {
    if (job !== this.#job) this.#tasks = new MovingMean(TASKS);
    this.#job = job;
    this.#tasks.add(ms);
  }

  /** The measurements that hold for tasks of the job. */
  of(job: string): Pace {
    return { meanMs: job === this.#job ? this.#tasks.value : undefined, roundTripMs: this.#roundTrips.value };
  }
}

/** The mean of about the last `covered` values. */
class MovingMean {
  readonly #covered: number;
  #count = 0;
  value: number | undefined;

  constructor(covered: number) {
    this.#covered = covered;
  }

  add(value: number): void {
    this.#count = Math.min(this.#covered, this.#count + 1);
    this.value = (this.value ?? 0) + (value - (this.value ?? 0)) / this.#count;
  }
}

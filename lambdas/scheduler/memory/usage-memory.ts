import { RunTime } from "../../core/run-time.ts";
import { addUsage, noUsage, type Usage } from "../../protocol/usage.ts";

/** What is needed to measure the run time of a function. */
export interface RunTimer {
  /** Memory of the function, in gigabytes. */
  gigabytes: number;
  /** A time in milliseconds. */
  now(): number;
}

/**
 * Usage of this process that is not charged to a job yet. It is charged at most once: to a job whose row or outcome
 * page this process writes, or to the client that this process answers.
 */
export class UsageMemory {
  #used = noUsage();
  #time: RunTime | undefined;
  #gigabytes = 0;

  /** Runs an invocation of the function and counts the invocation and its run time. */
  async during<T>({ gigabytes, now }: RunTimer, work: () => Promise<T>): Promise<T> {
    this.#gigabytes = gigabytes;
    const time = this.#time ?? new RunTime(now);
    this.#time = time;
    this.#used.invocations++;
    time.begin();
    try {
      return await work();
    } finally {
      time.end();
    }
  }

  /**
   * Adds usage, without its `bytesOut`: bytes that the function itself receives have not left AWS.
   *
   * @param share factor by which to multiply the usage; default 1
   */
  add(used: Readonly<Usage>, share = 1): void {
    addUsage(this.#used, { ...used, bytesOut: 0 }, share);
  }

  /**
   * Returns the usage for the caller to charge and clears it. The caller adds back any part that it does not charge.
   */
  take(): Usage {
    const used = this.#used;
    // The scheduler's functions are deployed on arm64.
    used.armGbMs += (this.#time?.take() ?? 0) * this.#gigabytes;
    this.#used = noUsage();
    return used;
  }
}

/** Access to the memory of usage. */
export interface RemembersUsage {
  readonly memory: { readonly usage: UsageMemory };
}

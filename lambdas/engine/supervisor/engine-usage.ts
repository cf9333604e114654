import type { Clock } from "../../adapters/clock.ts";
import type { UsageSink } from "../../adapters/count-call.ts";
import { RunTime } from "../../core/run-time.ts";
import type { ReportMessage } from "../../protocol/report-messages.ts";
import type { Usage } from "../../protocol/usage.ts";

/**
 * Usage of an engine's environment that is not reported yet: invocation time and S3 requests. Usage after the last
 * report of an invocation goes into the first report of the next one.
 */
export class EngineUsage implements UsageSink {
  readonly #time: RunTime;
  #puts = 0;
  #gets = 0;

  constructor(clock: Pick<Clock, "now">) {
    this.#time = new RunTime(() => clock.now());
  }

  /** Runs an invocation and counts its time. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#time.begin();
    try {
      return await work();
    } finally {
      this.#time.end();
    }
  }

  add({ puts, gets }: Readonly<Usage>): void {
    this.#puts += puts;
    this.#gets += gets;
  }

  /** Returns all that was used until now, for a report. */
  take(): NonNullable<ReportMessage["used"]> {
    const ms = Math.round(this.#time.take() * 100) / 100;
    const used: NonNullable<ReportMessage["used"]> = [ms, this.#puts, this.#gets];
    this.#puts = this.#gets = 0;
    return used;
  }
}

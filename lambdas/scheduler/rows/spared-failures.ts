import type { Log } from "../ports/scheduler-ports.ts";

/** Collects failures of the parts of a pass, so that the other parts still run. Throws the first failure at the end. */
export class SparedFailures {
  readonly #log: Log;
  #first: { error: unknown } | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /**
   * Runs one part.
   *
   * @param label label for the log
   * @returns the part's result, or `undefined` if it failed
   */
  async spare<T>(label: string, part: () => Promise<T>): Promise<T | undefined> {
    try {
      return await part();
    } catch (error) {
      this.#log.log("part-failed", { part: label, error: String(error) });
      this.#first ??= { error };
      return undefined;
    }
  }

  /**
   * Ends the pass.
   *
   * @throws the first failure, if any
   */
  end(): void {
    if (this.#first) throw this.#first.error;
  }
}

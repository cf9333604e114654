import type { Cluster } from "../cluster.ts";

/** Failures of parts of a pass: the others are gone on with, and the first failure is thrown in the end. */
export class SparedFailures {
  readonly #cluster: Cluster;
  #first: { error: unknown } | undefined;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /**
   * Does one part.
   *
   * @param what for the log
   * @returns what it gives, or `undefined` when it failed
   */
  async spare<T>(what: string, part: () => Promise<T>): Promise<T | undefined> {
    try {
      return await part();
    } catch (error) {
      this.#cluster.log("part-failed", { part: what, error: String(error) });
      this.#first ??= { error };
      return undefined;
    }
  }

  /** Ends the pass. */
  end(): void {
    if (this.#first) throw this.#first.error;
  }
}

/**
 * Partitions that expire: rows of jobs, and pushed values, which are kept as long. Rows that are queued, due or open
 * are deleted anyway, and code is shared by jobs.
 */
const KEPT_FOR_A_TIME = /^(job|day|dep|fallen|name)#/;

/** How long rows of jobs are kept. Each row says when DynamoDB may delete it, so expiry needs no calls. */
export class RowTtl {
  readonly #seconds: number;
  readonly #now: () => number;

  /**
   * @param days counted from when a row is written
   * @param now epoch milliseconds
   */
  constructor(days: number, now: () => number) {
    this.#seconds = days * 86_400;
    this.#now = now;
  }

  /** The time, in epoch seconds, after which a row written now may be deleted; `undefined`: never. */
  expires({ pk }: { pk: string }): number | undefined {
    return KEPT_FOR_A_TIME.test(pk) ? Math.floor(this.#now() / 1000) + this.#seconds : undefined;
  }
}

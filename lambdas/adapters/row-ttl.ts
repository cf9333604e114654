/**
 * Partitions whose rows expire: those of jobs, and of pushed values. Rows of queued, due and open work need not expire,
 * because they are deleted when the work is done; code does not expire, because jobs share it.
 */
const KEPT_FOR_A_TIME = /^(job|day|dep|fallen|name)#/;

/**
 * Decides how long the rows of jobs and of pushed values are kept. Each row is written with the time at which DynamoDB
 * may delete it, so expiry needs no calls.
 */
export class RowTtl {
  readonly #seconds: number;
  readonly #now: () => number;

  /**
   * @param days number of days to keep a row after it is written
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

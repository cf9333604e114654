/** Partitions that hold rows of jobs, and pushed values, which are kept as long. What is queued, due or open goes away by itself, and code is shared by jobs. */
const KEPT_FOR_A_TIME = /^(job|day|dep|fallen|name)#/;

/** How long the rows of jobs are kept: each says itself when DynamoDB may delete it, so forgetting costs no call. */
export class RowLife {
  readonly #seconds: number;
  readonly #now: () => number;

  /**
   * @param days from the writing of a row on
   * @param now epoch milliseconds
   */
  constructor(days: number, now: () => number) {
    this.#seconds = days * 86_400;
    this.#now = now;
  }

  /** Epoch seconds after which a row that is written now may be deleted; `undefined`: never. */
  expires({ pk }: { pk: string }): number | undefined {
    return KEPT_FOR_A_TIME.test(pk) ? Math.floor(this.#now() / 1000) + this.#seconds : undefined;
  }
}

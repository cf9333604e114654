import type { Row, RowKey } from "../protocol/rows.ts";

/** The result of a claim: the tasks at positions [from, from + taken) of a job or of a batch of requeued tasks. */
export interface Claimed {
  from: number;
  taken: number;
  /** One past the row's last position. */
  to: number;
  /** The row before the claim; absent if the claim created it. */
  row: Row | undefined;
}

/** A range of the rows of a partition. The rows are ordered by their sort keys. */
export interface Listing {
  /** First sort key, inclusive. */
  from?: string;
  /** Last sort key, inclusive. */
  to?: string;
  /** Maximum number of rows. */
  limit?: number;
}

/** An in-place update of a job's row or a ledger, with its condition. */
export interface RowUpdate {
  /** The row's new state. */
  state?: string;
  /** Abort ranges and recalls to append. */
  aborted?: readonly string[];
  /** Elements to add to the row's sets; adding them again changes nothing. */
  add?: RowSets;
  /** Nano-dollars to add to the job's spending. */
  spent?: number;
  /** Marks the job as one on which tasks of other jobs depend. */
  dependents?: true;
  /** Condition on the current row. Nothing changes unless every part of it holds. */
  only?: UpdateCondition;
  /** Creates the row if there is none. Without this, only an existing row is changed. */
  mayCreate?: true;
}

/** Condition of an update. */
export interface UpdateCondition {
  /** The row must be in one of these states; the list must not be empty. */
  inState?: readonly string[];
  /** The row's cursor must not have passed this position. */
  cursorAtMost?: number;
}

/** Attributes of a row that are sets of strings. */
export const ROW_SETS = ["ok", "bad", "opened", "purged"] as const;

/** Elements of a row's sets. */
type RowSets = { [Name in (typeof ROW_SETS)[number]]?: readonly string[] };

/** A row before and after an update. */
export interface Updated {
  /** Absent if the update created the row. */
  before: Row | undefined;
  after: Row;
}

/**
 * The tables, as the eight verbs that the scheduler needs. Every read is consistent. Every verb is atomic for one row
 * (`write` and `remove` for each of the given rows); none is atomic across rows.
 *
 * Callers may pass any number of rows or keys, and a key more than once. Every store rejects the same calls: a row or
 * key above the database's size limits, an empty key, a number that is not finite, an update that changes nothing or
 * whose condition names no state, and a listing whose limit is below 1 or whose end precedes its start.
 */
export interface Store {
  /**
   * Puts rows in bulk, without a condition, and retries until all are written. Of rows with equal keys, the last one
   * wins, so use it only where overwriting a row does no harm.
   */
  write(rows: readonly Row[]): Promise<void>;
  /**
   * Puts the row unless its key is taken. Resolves to `undefined` if it was written, otherwise to the existing row.
   * Atomic against every other writer of the key.
   */
  putOnce(row: Row): Promise<Row | undefined>;
  /**
   * Replaces a row if its `rev` is still `rev`; the new row has a higher one. Atomic against every other writer of the
   * row. Resolves to whether the row was replaced, or to `undefined` if that is unknown: a response was lost, and the
   * repeated write was refused, perhaps only because the first write had succeeded.
   */
  swap(row: Row, rev: number): Promise<boolean | undefined>;
  /**
   * Claims up to `count` of the remaining positions by one atomic addition to `from`, without a read before or a retry
   * after. Resolves to `undefined` if no position is left or there is no such row. With `size`, the first claim creates
   * the row (requeued tasks); without it, the row must exist and be in a claimable state (a job). With `spent`, the same
   * write adds this many nano-dollars to the row's `spent`.
   */
  claim(key: RowKey, count: number, size?: number, spent?: number): Promise<Claimed | undefined>;
  /**
   * Updates a row in place, atomically with respect to its claims and other updates. Resolves to `undefined` if a
   * condition failed, or if there is no row and the update may not create one.
   */
  update(key: RowKey, change: RowUpdate): Promise<Updated | undefined>;
  /** Reads the rows with these keys, each at its key's position. A key that occurs twice is read once. */
  read(keys: readonly RowKey[]): Promise<(Row | undefined)[]>;
  /** Lists rows of one partition, ordered by their sort keys. */
  list(partition: string, listing?: Listing): Promise<Row[]>;
  /** Deletes rows; missing rows are ignored. */
  remove(keys: readonly RowKey[]): Promise<void>;
}

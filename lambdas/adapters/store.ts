import type { Row, RowKey } from "../protocol/rows.ts";

/** What a claim took: positions `from` to `from + taken`, and the row as it stood before. */
export interface Claimed {
  from: number;
  taken: number;
  /** One past the last position there is. */
  to: number;
  /** The row's attributes before the claim; absent when the claim created it. */
  row: Row | undefined;
}

/** A part of a partition, in the order of its sort keys. */
export interface Listing {
  /** First sort key, included. */
  from?: string;
  /** Last sort key, included. */
  to?: string;
  /** Most rows to give. */
  limit?: number;
}

/** A change of a job's row or a ledger in place, and when only it is made. */
export interface RowUpdate {
  /** The row's new state. */
  state?: string;
  /** Appended to the row's own. */
  aborted?: readonly string[];
  /** Added to the row's sets: doing it again changes nothing. */
  add?: RowSets;
  dependents?: true;
  /** What must hold of the row as it stands. All of it, or nothing is changed. */
  only?: UpdateCondition;
  /** Makes the row when there is none; otherwise only a row that is there is changed. */
  mayCreate?: true;
}

/** What a row must be for an update to be made. */
export interface UpdateCondition {
  /** The row is in one of these states. At least one is named. */
  inState?: readonly string[];
  /** The row's cursor has not passed this position. */
  cursorAtMost?: number;
}

/** Attributes of a row that are sets of texts. */
export const ROW_SETS = ["ok", "bad", "opened", "purged"] as const;

/** Elements of a row's sets. */
type RowSets = { [Name in (typeof ROW_SETS)[number]]?: readonly string[] };

/** A row around its change. */
export interface Updated {
  /** Absent when the change made the row. */
  before: Row | undefined;
  after: Row;
}

/**
 * The tables, in the eight verbs that the scheduler needs. Every read is consistent, every verb is
 * atomic for one row (`write` and `remove` for each of theirs), and none spans two.
 *
 * Any number of rows or keys may be given at once, and a key more than once: how DynamoDB cuts batches, and that it refuses
 * equal keys in one, is the adapter's matter. What DynamoDB refuses of a single row rejects, here and in every other store: an
 * empty key, a partition key above 2,048 bytes or a sort key above 1,024, a row above 400 KB, a number that is not finite, an update that changes nothing, or whose condition names no state, a listing of fewer than one row or whose end comes before its start.
 */
export interface Store {
  /** Puts rows that nobody puts differently: in bulk, unconditionally, retried until all are there. Of rows with one key the last stands. */
  write(rows: readonly Row[]): Promise<void>;
  /** Puts the row unless its key is taken: `undefined` when it was put, else the row that stands there. Atomic against every other writer of the key. */
  putOnce(row: Row): Promise<Row | undefined>;
  /**
   * Replaces a row if its `rev` is still `rev`; the new row holds a higher one. Resolves to whether it was replaced, and to
   * `undefined` when an answer was lost, so that the refusal may be of a repetition.
   */
  swap(row: Row, rev: number): Promise<boolean | undefined>;
  /**
   * Takes up to `count` of the positions that are left: one atomic addition to `from`, no read before it and
   * no retry after. `undefined` when none is left, or there is no such row. With `size` the row is made by
   * its first claim (a run); without, it must exist and be in a state that gives tasks out (a job).
   */
  claim(key: RowKey, count: number, size?: number): Promise<Claimed | undefined>;
  /** Changes a row in place, atomically beside its claims and other updates. `undefined` when a condition failed. */
  update(key: RowKey, change: RowUpdate): Promise<Updated | undefined>;
  /** The rows with these keys, each at its key's place; a key that is given twice is read once. */
  read(keys: readonly RowKey[]): Promise<(Row | undefined)[]>;
  /** Rows of one partition, in the order of their sort keys. */
  list(pk: string, listing?: Listing): Promise<Row[]>;
  /** Deletes rows, whether they are there or not. */
  remove(keys: readonly RowKey[]): Promise<void>;
}

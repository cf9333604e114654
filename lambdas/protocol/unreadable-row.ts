import { FantailError } from "./fantail-error.ts";
import type { RowKey } from "./rows.ts";

/**
 * A row of the cluster's tables that this version of fantail cannot read: it is damaged, or a newer version wrote it.
 */
export class UnreadableRow extends FantailError {
  static override readonly code: string = "UnreadableRow";
  /** The row's partition and sort key. */
  readonly key: Readonly<RowKey>;
  /** Whether a newer version of fantail wrote the row. If so, update fantail. */
  readonly isNewer: boolean;

  constructor({ pk, sk }: RowKey, why: string, { isNewer = false, ...options }: UnreadableRowOptions = {}) {
    super(`the row ${pk} / ${sk} cannot be read: ${why}`, options);
    this.key = { pk, sk };
    this.isNewer = isNewer;
  }
}

interface UnreadableRowOptions {
  cause?: unknown;
  isNewer?: boolean;
}

import type { WaitOptions } from "../flags/wait-options.ts";
import type { ProgressOutput } from "./progress-bar.ts";

/** Options of `get`: how to wait, and whether errors become values. */
export type GetOptions = WaitOptions & {
  /**
   * Whether a failed item's error takes the place of its value instead of rejecting the whole result. Default: the
   * view's flag.
   */
  returnExceptions?: boolean | undefined;
};

/** Options of `waitInteractive`: how to wait, and where to show progress. */
export type ShownWait = WaitOptions & {
  /** Where to show progress. Default: this process's stderr. */
  output?: ProgressOutput | undefined;
};

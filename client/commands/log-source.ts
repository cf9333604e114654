/** New lines of a function's log, oldest first. */
export interface FunctionLines {
  /** Name of the function, or of its log group. */
  function: string;
  lines: string[];
}

/** Which lines to read. */
export interface WantedLines {
  /** Maximum number of lines per function. */
  lines: number;
  /** Whether to read the log of the function with this name. */
  hasFunction(name: string): boolean;
  hasLine(line: string): boolean;
  /** A CloudWatch filter pattern that leaves out most unwanted lines. Default: no pattern. */
  pattern?: string | undefined;
}

/** The logs of a cluster's functions. */
export interface LogSource {
  /** Pause between two calls of `next`, in milliseconds. */
  readonly pauseMs: number;
  /** Returns the last lines that are wanted, of each function. */
  recent(): Promise<FunctionLines[]>;
  /** Returns the wanted lines that were written since the last call of `recent` or `next`. */
  next(): Promise<FunctionLines[]>;
}

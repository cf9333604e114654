import type { OutputSoFar } from "../../lambdas/protocol/output-so-far.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";

/** A destination for text: any stream, or an object of your own. */
export interface TextOutput {
  /** Writes the text; its return value is ignored. */
  write(text: string): unknown;
}

/** Where the tasks' output is written. */
export interface OutputTargets {
  /** Destination of the tasks' stdout. Default: this process's stdout. */
  stdout: TextOutput;
  /** Destination of the tasks' stderr. Default: this process's stderr. */
  stderr: TextOutput;
}

const STREAMS = ["stdout", "stderr"] as const;

/** How many characters of one attempt's output have been written. */
type Printed = { attempt: number } & Record<(typeof STREAMS)[number], number>;

/**
 * Writes the part of each task's output that has not been written yet. With a label it writes whole lines only, so that
 * the lines of different tasks do not mix.
 */
export class OutputPrinter {
  readonly #targets: OutputTargets;
  readonly #printed = new Map<JobOutcomes, Map<number, Printed>>();

  constructor(targets: OutputTargets) {
    this.#targets = targets;
  }

  /**
   * Writes the output that a task has added since the last call. The output of a new attempt is written from its
   * beginning.
   *
   * @param label prefix of each line; absent: text is written unchanged
   * @param isAll whether the output is complete, so that a last line without a line break is written too
   */
  print(outcomes: JobOutcomes, task: number, output: OutputSoFar, label: string | undefined, isAll: boolean): void {
    const ofJob = this.#printed.get(outcomes) ?? new Map<number, Printed>();
    this.#printed.set(outcomes, ofJob);
    const before = ofJob.get(task);
    const printed = before?.attempt === output.attempt ? before : { attempt: output.attempt, stdout: 0, stderr: 0 };
    ofJob.set(task, printed);
    for (const stream of STREAMS) {
      const fresh = output[stream].slice(printed[stream]);
      const upTo = label === undefined || isAll ? fresh.length : fresh.lastIndexOf("\n") + 1;
      if (upTo === 0) continue;
      printed[stream] += upTo;
      this.#targets[stream].write(labeled(fresh.slice(0, upTo), label));
    }
  }
}

function labeled(text: string, label: string | undefined): string {
  if (label === undefined) return text;
  const lines = text.endsWith("\n") ? text.slice(0, -1) : text;
  return `${lines
    .split("\n")
    .map((line) => label + line)
    .join("\n")}\n`;
}

import type { OutputSoFar } from "../../lambdas/protocol/output-so-far.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";

/** What text is written to: any stream, or an object of your own. */
export interface TextOutput {
  /** Takes the next text; what it returns is ignored. */
  write(text: string): unknown;
}

/** Where output is written. */
export interface OutputTargets {
  /** Default: this process's own. */
  stdout: TextOutput;
  /** Default: this process's own. */
  stderr: TextOutput;
}

const STREAMS = ["stdout", "stderr"] as const;

/** How much of one attempt's output was written. */
type Printed = { attempt: number } & Record<(typeof STREAMS)[number], number>;

/** Writes of growing texts what is new: with a label line by line, so that tasks do not write into each other's lines. */
export class OutputPrinter {
  readonly #targets: OutputTargets;
  readonly #printed = new Map<JobOutcomes, Map<number, Printed>>();

  constructor(targets: OutputTargets) {
    this.#targets = targets;
  }

  /**
   * Writes what a task has written since the last time. A further attempt begins anew.
   *
   * @param label before each line; absent: text is written as it comes
   * @param isAll whether no more will come: a last line may be without its end
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
      this.#targets[stream].write(labelled(fresh.slice(0, upTo), label));
    }
  }
}

function labelled(text: string, label: string | undefined): string {
  if (label === undefined) return text;
  const lines = text.endsWith("\n") ? text.slice(0, -1) : text;
  return `${lines
    .split("\n")
    .map((line) => label + line)
    .join("\n")}\n`;
}

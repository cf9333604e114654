import type { AttemptPhases } from "../../lambdas/protocol/attempt-phases.ts";
import type { EncodedError, Entry } from "../../lambdas/protocol/outcome-page.ts";
import { outputOf } from "./earlier-attempts.ts";

/** Facts that few entries have. */
interface Rare {
  attempt: number;
  error: EncodedError | undefined;
  phases: AttemptPhases | undefined;
  stdout: string;
  stderr: string;
}

/** The rare facts of one job's tasks. They are stored apart from the columns to save memory. */
export class RareFacts {
  #facts: Map<number, Rare> | undefined;

  /** Keeps the rare facts of a final entry, if it has any. */
  keep(entry: Entry): void {
    const { index, attempt, error, phases } = entry;
    const output = outputOf(entry);
    const isPlain = attempt === 1 && error === undefined && phases === undefined;
    if (isPlain && output.stdout === "" && output.stderr === "") return;
    this.#facts ??= new Map();
    this.#facts.set(index, { attempt, error, phases, ...output });
  }

  /** The rare facts of a task that has any; otherwise undefined. */
  of(task: number): Rare | undefined {
    return this.#facts?.get(task);
  }
}

import type { AttemptPhases } from "../../lambdas/protocol/attempt-phases.ts";
import type { EncodedError, Entry } from "../../lambdas/protocol/outcome-page.ts";
import { outputOf } from "./earlier-attempts.ts";

/** Facts that few entries have. They are stored apart from the columns to save memory. */
export interface Rare {
  attempt: number;
  error: EncodedError | undefined;
  phases: AttemptPhases | undefined;
  stdout: string;
  stderr: string;
}

/** Returns the rare facts of an entry. */
export function rareOf(entry: Entry): Rare {
  return { attempt: entry.attempt, error: entry.error, phases: entry.phases, ...outputOf(entry) };
}

/** Whether an entry has fields that few entries have. */
export function isRare({ attempt, error, phases, stdout, stderr }: Entry): boolean {
  return attempt !== 1 || error !== undefined || phases !== undefined || Boolean(stdout || stderr);
}

import type { EncodedError, Entry } from "../../lambdas/protocol/outcome-page.ts";
import { outputOf } from "./earlier-attempts.ts";

/** Facts that few entries have. They are stored apart from the columns to save memory. */
export interface Rare {
  attempt: number;
  error: EncodedError | undefined;
  stdout: string;
  stderr: string;
}

/** Returns the rare facts of an entry. */
export function rareOf(entry: Entry): Rare {
  return { attempt: entry.attempt, error: entry.error, ...outputOf(entry) };
}

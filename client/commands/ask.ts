import { createInterface } from "node:readline/promises";
import { requireConsent } from "./stack-options.ts";

/**
 * Asks the user for consent on a terminal, unless `--yes` was given. Anything but `y` or `yes` means no.
 *
 * @throws CommandFailure without `--yes`, if there is no terminal or the output is for a program
 */
export async function hasConsent(question: string, yes: boolean, output: "text" | "json"): Promise<boolean> {
  requireConsent(yes, output);
  if (yes) return true;
  // Ask on stderr, so that the question is seen even if stdout goes to a file.
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await asking.question(`${question} [y/N] `)).trim());
  } finally {
    asking.close();
  }
}

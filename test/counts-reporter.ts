import { stripVTControlCharacters } from "node:util";
import type { Reporter, TestModule, TestRunEndReason } from "vitest/node";

const MAX_LINES = 6;
const MAX_CHARS = 600;

/**
 * Ends the run with one plain line for programs to read: `N passed, N failed, N skipped`. Before it, lists the tests
 * that passed only on retry (`--retry`), and each error of each test that failed.
 */
export class CountsReporter implements Reporter {
  readonly #mayBeSkipped: boolean;

  /**
   * @param mayBeSkipped whether a run in which all tests are skipped succeeds, since what they need may be unavailable
   */
  constructor({ mayBeSkipped = false } = {}) {
    this.#mayBeSkipped = mayBeSkipped;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[], reason: TestRunEndReason): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
    const noted: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        if (test.diagnostic()?.flaky) {
          noted.push(`passed only on retry: ${module.relativeModuleId} > ${test.fullName}: ${firstLines(errors[0])}`);
        }
        if (state === "failed")
          for (const error of errors)
            noted.push(`failed: ${module.relativeModuleId} > ${test.fullName}: ${firstLines(error)}`);
        if (state === "passed") passed += 1;
        else if (state === "skipped") skipped += 1;
        else failed += 1;
      }
      // A file that did not load, or a failed hook, has no failing test of its own.
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
    }
    // A run that did not pass, or ran no tests, must not look like a success.
    const ran = passed > 0 || (this.#mayBeSkipped && skipped > 0);
    if (failed === 0 && (reason !== "passed" || !ran)) failed = 1;
    if (noted.length > 0) process.stdout.write(`\n${noted.join("\n")}\n`);
    process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  }
}

/** Joins the first lines of an error's message, which say what happened. The rest may be long. */
function firstLines(error: { message: string } | undefined): string {
  const lines = stripVTControlCharacters(error?.message ?? "").split("\n", MAX_LINES);
  const text = lines.map((line) => line.trim()).join(" | ");
  return text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS - 1)}…`;
}

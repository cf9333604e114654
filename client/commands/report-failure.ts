import { inspect } from "node:util";
import { CommanderError } from "commander";
import { InvalidId } from "../../lambdas/protocol/errors.ts";
import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { terminal } from "./terminal.ts";

/** Maximum number of stack frames to print of a task's error. */
const FRAMES = 3;

/** Codes of failures that have no error class of their own, by exit code. */
const CODES: ReadonlyMap<number, string> = new Map([
  [EXIT.failed, "Failed"],
  [EXIT.usage, "Usage"],
  [EXIT.alreadyStarted, "AlreadyStarted"],
  [EXIT.alreadyStopped, "AlreadyStopped"],
  [EXIT.noCluster, "NoCluster"],
  [EXIT.noCdk, "NoCdk"],
]);

/**
 * Prints to stderr why a command failed: one line, followed by the first stack frames if a task failed; with `-o json`,
 * an object with `code`, `message`, `exitCode` and other facts about the failure. Prints nothing if the command has
 * already printed the reason.
 *
 * @returns the exit code
 */
export function reportFailure(error: unknown, form: "text" | "json"): number {
  if (error instanceof CommanderError) return reportUsage(error, form);
  const exitCode =
    error instanceof InvalidId ? EXIT.usage : error instanceof CommandFailure ? error.exitCode : EXIT.failed;
  const isExpected = error instanceof CommandFailure || error instanceof FantailError;
  // An empty message means that the command has already printed what failed.
  if (error instanceof CommandFailure && error.message === "") return exitCode;
  if (form === "json") writeObject({ ...factsOf(error, exitCode), exitCode });
  else terminal.err(`${isExpected ? [`fantail: ${error.message}`, ...framesOf(error)].join("\n") : inspect(error)}\n`);
  return exitCode;
}

/** The first stack frames of a task's error: the user's own lines. Recognizes the error without loading its class. */
function framesOf(error: Error): string[] {
  if (!("traceback" in error) || typeof error.traceback !== "string") return [];
  const frames = error.traceback.split("\n").filter((line) => line.startsWith("    at "));
  return frames.slice(0, FRAMES);
}

/** In text form, commander has already printed the error. It also ends `--help` with an error, whose exit code is 0. */
function reportUsage({ exitCode, message }: CommanderError, form: "text" | "json"): number {
  if (exitCode === 0) return EXIT.ok;
  if (form === "json")
    writeObject({ code: CODES.get(EXIT.usage), message: message.replace(/^error: /, ""), exitCode: EXIT.usage });
  return EXIT.usage;
}

function factsOf(error: unknown, exitCode: number): Record<string, unknown> {
  if (error instanceof CommandFailure)
    return { code: CODES.get(exitCode) ?? "Failed", message: error.message, ...error.details };
  if (!(error instanceof Error)) return { code: "Failed", message: inspect(error) };
  // The fields of fantail's errors, such as a task's id or failed items' indexes, are plain values; errors are left out.
  const plain = Object.entries(error).filter(
    ([, value]) => isPlain(value) || (Array.isArray(value) && value.every(isPlain)),
  );
  const code = error instanceof FantailError ? error.code : error.name;
  return { ...Object.fromEntries(plain), code, message: error.message };
}

function isPlain(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function writeObject(facts: Record<string, unknown>): void {
  terminal.err(`${JSON.stringify(facts)}\n`);
}

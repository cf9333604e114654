import { inspect } from "node:util";
import { decodeValue } from "../../lambdas/protocol/codec.ts";
import type { TaskArguments } from "../../lambdas/protocol/spec-page.ts";
import { isStored } from "../../lambdas/protocol/stored-value.ts";

const MAX_CHARS = 120;
const SHORT = { depth: 1, maxArrayLength: 5, maxStringLength: 60, breakLength: Number.POSITIVE_INFINITY };

/** Formats a list of arguments on one line of at most 120 characters. */
export function shortArguments(args: readonly unknown[]): string {
  return shortLine(args.map((arg) => inspect(arg, SHORT)));
}

/**
 * Formats the stored arguments of a task on one line of at most 120 characters. Reads nothing: values in S3 and results
 * of other tasks are replaced by placeholders.
 *
 * @param isChunk whether the task runs a chunk of a map: the arguments of its items are then listed
 * @returns undefined if the arguments cannot be decoded here, for example because they contain a class that this program
 *   has not registered
 */
export function shownArguments(args: TaskArguments, isChunk: boolean): string | undefined {
  try {
    if (typeof args !== "string") return isStored(args) ? "large values" : shortLine(args.map(shownArgument));
    const decoded = decodeValue(args);
    if (!Array.isArray(decoded)) return undefined;
    return isChunk ? shortArguments([decoded.map(itemArgument)]) : shortArguments(decoded);
  } catch {
    return undefined;
  }
}

function shownArgument(arg: Exclude<TaskArguments, string | { blob: string } | { pack: string }>[number]): string {
  if (typeof arg === "string") return inspect(decodeValue(arg), SHORT);
  if (isStored(arg)) return "(a large value)";
  return "result" in arg ? "(a result)" : "(contains a result)";
}

/** Returns the arguments of an item; the argument itself if there is only one. */
function itemArgument(row: unknown): unknown {
  return Array.isArray(row) && row.length === 1 ? row[0] : row;
}

function shortLine(texts: readonly string[]): string {
  const text = texts.join(", ").replaceAll(/\s+/g, (space) => (space.includes("\n") ? " " : space));
  return text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS - 1)}…`;
}

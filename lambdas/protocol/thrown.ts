import { decodeValue, encodeValue } from "./codec.ts";
import { isError } from "./error-value.ts";
import { CodecError, InvalidDependency, UnmetDependency } from "./errors.ts";
import type { FantailError } from "./fantail-error.ts";
import type { EncodedError } from "./outcome-page.ts";
import {
  BudgetExceeded,
  EngineError,
  ImpossibleDependency,
  RemoteError,
  type RemoteFailure,
  RunTimeout,
  TaskAborted,
  TaskTimeout,
} from "./remote-error.ts";

/** Limits of the outcome page's schema, in characters. */
const NAME_CHARS = 500;
const TEXT_CHARS = 20_000;
/**
 * Maximum length of an encoded thrown value, in characters. A longer value is left out or shortened, because a page may
 * hold a thousand of them.
 */
const THROWN_CHARS = 4_000;
/** Limits for the stack and for each field of an error that is too long as a whole, in characters. */
const STACK_CHARS = 800;
const FIELD_CHARS = 500;
/** Maximum length of a chain of causes, which may be circular. */
const MAX_CAUSES = 5;

/**
 * Encodes the value that a task threw or rejected with. Never throws: parts that cannot be read are left out.
 *
 * `thrown` is absent if the value does not encode to a short text; fields of an error that cannot be encoded are
 * dropped.
 */
export function encodeThrown(thrown: unknown): EncodedError {
  const ename = cut(read(() => nameOf(thrown)) ?? "Error", NAME_CHARS);
  const evalue = cut(read(() => messageOf(thrown)) ?? "[a thrown value that cannot be read]", TEXT_CHARS);
  const encoded: EncodedError = { code: thrown instanceof CodecError ? "CodecError" : "RemoteError", ename, evalue };
  const traceback = read(() => (isError(thrown) ? textOf(thrown.stack) : undefined));
  if (traceback !== undefined) encoded.traceback = cut(traceback, TEXT_CHARS);
  const text =
    read(() => shortText(thrown)) ??
    read(() => shortText(withoutUnencodable(thrown, STACK_CHARS))) ??
    read(() => shortText(withoutUnencodable(thrown, 0)));
  if (text !== undefined) encoded.thrown = text;
  return encoded;
}

/** The task that failed, and the client's information about it. */
export type ErrorPlace = Pick<RemoteFailure, "taskId" | "engineId" | "submittedAt" | "item"> & {
  /** Returns what to do about the thrown value, if known. */
  adviceOf?: (thrown: unknown) => string | undefined;
};

/** Makes the client's error for a task's failure: of the class that `code` names, with its cause. */
export function decodeThrown(error: EncodedError, { adviceOf, ...where }: ErrorPlace): FantailError {
  const { ename, evalue, traceback = "", thrown: encoded } = error;
  const thrown = typeof encoded === "string" ? read(() => decodeValue(encoded)) : undefined;
  const failure: RemoteFailure = { ename, evalue, traceback, ...where, advice: adviceOf?.(thrown) };
  const options = { ...(thrown === undefined ? {} : { cause: isError(thrown) ? thrown.cause : thrown }), thrown };
  switch (error.code) {
    case "RemoteError":
      return new RemoteError(failure, options);
    case "EngineError":
      return new EngineError(failure, options);
    case "TaskTimeout":
      return new TaskTimeout(failure, options);
    case "RunTimeout":
      return new RunTimeout(failure, options);
    case "TaskAborted":
      return new TaskAborted(failure, options);
    case "ImpossibleDependency":
      return new ImpossibleDependency({ ...failure, ...dependencyOf(error) }, options);
    case "BudgetExceeded":
      return new BudgetExceeded({ ...failure, spent: error.spent ?? 0, budget: error.budget ?? 0 }, options);
    case "InvalidDependency":
      return new InvalidDependency(evalue);
    case "UnmetDependency":
      return new UnmetDependency(evalue);
    case "CodecError": {
      const path = textField(thrown, "path") ?? "result";
      const message = evalue.startsWith(`${path}: `) ? evalue.slice(path.length + 2) : evalue;
      return new CodecError(path, message);
    }
  }
}

/**
 * The class name of the thrown value: an error's own name, or its class's if it never set one; otherwise the value's
 * kind.
 */
function nameOf(thrown: unknown): string {
  if (isError(thrown)) {
    const own = String(thrown.name);
    return own !== "Error" || !thrown.constructor?.name ? own : thrown.constructor.name;
  }
  if (thrown === null || thrown === undefined) return String(thrown);
  return (typeof thrown === "object" && thrown.constructor?.name) || typeof thrown;
}

function messageOf(thrown: unknown): string {
  if (isError(thrown)) return String(thrown.message);
  if (typeof thrown === "object" && thrown !== null) {
    const text = read(() => JSON.stringify(thrown));
    if (text !== undefined) return text;
  }
  return String(thrown);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function shortText(value: unknown): string | undefined {
  const text = encodeValue(value, "thrown");
  return typeof text === "string" && text.length <= THROWN_CHARS ? text : undefined;
}

/** A copy of the error with only the fields that can be encoded separately and are short. */
function withoutUnencodable(thrown: unknown, stackChars: number, depth = 0): unknown {
  if (!isError(thrown) || depth > MAX_CAUSES) return undefined;
  const kept = new Error(cut(String(thrown.message), 1_000));
  kept.name = String(thrown.name);
  kept.stack = cut(textOf(read(() => thrown.stack)) ?? "", stackChars);
  for (const key of new Set([...Object.keys(thrown), "cause", "errors"])) {
    const text = Object.hasOwn(thrown, key) ? read(() => shortText(thrown[key])) : undefined;
    const most = key === "cause" || key === "errors" ? FIELD_CHARS + stackChars : FIELD_CHARS;
    if (text !== undefined && text.length <= most) Object.assign(kept, { [key]: thrown[key] });
  }
  if (Object.hasOwn(thrown, "cause") && !Object.hasOwn(kept, "cause")) {
    kept.cause = withoutUnencodable(thrown.cause, stackChars, depth + 1);
  }
  return kept;
}

function dependencyOf({ dependency, reason }: EncodedError): { dependency?: string; reason?: string } {
  return { ...(dependency === undefined ? {} : { dependency }), ...(reason === undefined ? {} : { reason }) };
}

function textField(value: unknown, key: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const field: unknown = Reflect.get(value, key);
  return typeof field === "string" ? field : undefined;
}

function cut(text: string, chars: number): string {
  if (chars === 0) return "";
  return text.length <= chars ? text : `${text.slice(0, chars - 1)}…`;
}

/** Reads a part of a thrown value, whose getters or proxies may throw themselves. */
function read<T>(part: () => T): T | undefined {
  try {
    return part();
  } catch {
    return undefined;
  }
}

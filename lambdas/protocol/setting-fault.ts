import { inspect } from "node:util";
import * as v from "valibot";
import { InvalidFlag } from "./errors.ts";
import { guessOf, nearNames } from "./near-names.ts";

type Schema = v.GenericSchema;
type Issue = v.BaseIssue<unknown>;

/** A schema for whole numbers in a range, with one message for every fault. */
export function wholeNumber(from: number, to = Number.POSITIVE_INFINITY) {
  const text = `must be a whole number${to === Number.POSITIVE_INFINITY ? `, ${from} or more` : ` from ${from} to ${to}`}`;
  return v.pipe(v.number(text), v.integer(text), v.minValue(from, text), v.maxValue(to, text));
}

/** Formats `must be one of a, b, c`. */
export function mustBeOneOf(options: readonly unknown[]): string {
  return `must be one of ${options.join(", ")}`;
}

/**
 * Validates a user's value and fills in the defaults.
 *
 * @throws InvalidFlag naming `name` and the path inside it, as in `engines[0].count`
 */
export function parseSetting<const S extends Schema>(schema: S, value: unknown, name: string): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = `${name}${pathOf(issue)}`.replace(/^\./, "");
  throw new InvalidFlag(path === "" ? "props" : path, faultOf(schema, issue));
}

/** The path inside the value, as in `[0].count`; empty for the value itself. */
function pathOf(issue: Issue): string {
  return keysOf(issue)
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("");
}

/**
 * Describes the fault as the end of a sentence: `must be a number, not "4"`. The messages of fantail's schemas already
 * have that form; valibot's own messages are replaced.
 */
function faultOf(schema: Schema, issue: Issue): string {
  const keys = keysOf(issue);
  if (issue.kind === "schema" && /object$/.test(issue.type)) {
    if (issue.expected === "never") return unknownName(String(keys.at(-1)), namesAt(schema, keys.slice(0, -1)));
    if (issue.expected?.startsWith('"')) return "is missing";
  }
  if (issue.input === undefined && keys.length > 0) return "is missing";
  const text = issue.message.startsWith("Invalid ") ? `must be ${wantedAt(schema, keys, issue)}` : issue.message;
  return text.startsWith("must ") ? `${text}, not ${shown(issue.input)}` : text;
}

/** Describes a fault inside the value, preceded by its path: `[0].count is missing`. */
export function fieldFault(schema: Schema, issue: Issue): string {
  return `${pathOf(issue)} ${faultOf(schema, issue)}`.replace(/^[. ]/, "");
}

/** The message for an unknown name. */
export function unknownName(name: string, known: readonly string[]): string {
  if (known.length === 0) return "is not known";
  return `is not known${guessOf(nearNames(name, known)) || ";"} known names are ${known.join(", ")}`;
}

/** Formats a value as in JavaScript, shortened. */
export function shown(value: unknown): string {
  const text = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function keysOf(issue: Issue): unknown[] {
  return issue.path?.map(({ key }) => key) ?? [];
}

const WANTED: Readonly<Record<string, string>> = {
  number: "a number",
  string: "a string",
  boolean: "true or false",
  array: "a list",
  integer: "a whole number",
};

function wantedAt(schema: Schema, keys: readonly unknown[], { type, expected }: Issue): string {
  const names = namesAt(schema, keys);
  if (/object$/.test(type)) return names.length > 0 ? `{ ${names.join(", ")} }` : "an object";
  if (type === "record") return "an object";
  if (type === "min_value") return `${expected?.slice(2)} or more`;
  if (type === "max_value") return `${expected?.slice(2)} or less`;
  // For a choice, `expected` reads like `("retain" | "destroy")`.
  const options = expected?.replace(/[()"]/g, "").split(" | ") ?? [];
  return WANTED[type] ?? (options.length > 1 ? `one of ${options.join(", ")}` : (expected ?? "another value"));
}

/** Names of the fields of the object at that path. */
function namesAt(schema: Schema, keys: readonly unknown[]): string[] {
  let at: unknown = schema;
  for (const key of keys)
    at = typeof key === "number" ? fieldOf(bare(at), "item") : fieldOf(fieldOf(bare(at), "entries"), String(key));
  return Object.keys(fieldOf(bare(at), "entries") ?? {});
}

/** The schema inside an optional one; for a pipe, the step that checks an object. */
function bare(schema: unknown): unknown {
  const steps = fieldOf(schema, "pipe");
  if (Array.isArray(steps)) return steps.find((step) => fieldOf(step, "entries") !== undefined) ?? bareOf(steps[0]);
  return bareOf(schema);
}

function bareOf(schema: unknown): unknown {
  const wrapped = fieldOf(schema, "wrapped");
  return wrapped === undefined ? schema : bare(wrapped);
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

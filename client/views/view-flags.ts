import { inspect } from "node:util";
import * as v from "valibot";
import { InvalidFlag, InvalidId } from "../../lambdas/protocol/errors.ts";
import { JobFlags, SCHEME_NAMES, type SchemeName } from "../../lambdas/protocol/flags.ts";
import { asDependency, type Dep } from "./dependency.ts";

/** How the tasks of a view are run. Every flag is optional; what is not given has the default named here. */
export interface Flags {
  /** Tasks that must have ended first: ids, results (each with all of its tasks), a list of such, or a `Dependency`. */
  after?: Dep | undefined;
  /** As `after`, and the task runs on an engine that ran them itself: all of them, or one where any is enough. */
  follow?: Dep | undefined;
  /** Engine ids, or the name of a pool. Default: any engine. */
  targets?: number | readonly number[] | string | undefined;
  /** Longest wait in the queue, restarted at each requeue; 0 is for ever, the default. Past it: TaskTimeout. */
  timeoutMs?: number | undefined;
  /** Longest run of one attempt. Default: as long as the engine's invocation lasts. Past it: RunTimeout. */
  runTimeoutMs?: number | undefined;
  /** Longest time from submission to outcome. Default: for ever. Past it: TaskTimeout. */
  deadlineMs?: number | undefined;
  /** Extra attempts after a failed one. Default 0. */
  retries?: number | undefined;
  /** Retry only errors whose `ename` is one of these. Default: all. */
  retryOn?: readonly string[] | undefined;
  /** Wait before each further attempt: `initialMs`, times `factor` each time, at most `maxMs`. Default: none. */
  backoff?: Backoff | undefined;
  /** Higher first. Default 0. */
  priority?: number | undefined;
  /** A name to find the job by, at most 200 characters. */
  label?: string | undefined;
  /**
   * Names the work: what is submitted a second time under the same key, by any client on any day until it expires, is not
   * submitted, but is the first's result, whatever its function, arguments and flags. At most 200 characters. An `imap` numbers
   * its items under the key.
   */
  idempotencyKey?: string | undefined;
  /** Items of a map in one task; chunks are balanced. Default 1. */
  chunkSize?: number | undefined;
  /** Claims that iteration follows the input; false: as completed. Default true. */
  ordered?: boolean | undefined;
  /** Claims that a failing item gives its error as a value instead of rejecting the whole. Default false. */
  returnExceptions?: boolean | undefined;
  /** Items of an `imap` that were taken from its input and not yet given out; 0: no bound. Default `auto`: four per engine. */
  maxOutstanding?: "auto" | number | undefined;
  /** Placement scheme of these tasks. Default: the cluster's. */
  scheme?: SchemeName | undefined;
  /** Only pools with at least this much memory. */
  memoryMb?: number | undefined;
  /** Claims that an attempt which ran out of memory or of its run time goes on in the next larger pool, without a retry. Default false. */
  escalate?: boolean | undefined;
  /** Claims that a task which every engine refuses, or whose engines are gone, waits for new ones. Default false: ImpossibleDependency. */
  waitForNew?: boolean | undefined;
  /** Claims that variables around the function are captured by themselves. Default true; false: each must be named by `requires`. */
  capture?: boolean | undefined;
  /** Names of captured values that look like credentials and may be sent all the same. */
  allowSecrets?: readonly string[] | undefined;
  /** Aborts the tasks. The signal given to `get` or `wait` ends the waiting only. */
  signal?: AbortSignal | undefined;
}

export interface Backoff {
  initialMs: number;
  factor?: number | undefined;
  maxMs?: number | undefined;
  jitter?: boolean | undefined;
}

const wholeMs = v.pipe(
  v.number("milliseconds, a number"),
  v.integer("whole milliseconds"),
  v.minValue(0, "0 or more milliseconds"),
);
const engineId = v.pipe(
  v.number("an engine id"),
  v.integer("an engine id"),
  v.minValue(0, "an engine id is at least 0"),
);
const claim = v.boolean("true or false");
const names = (what: string) => v.array(v.string(what), what);
const whole = (from: number, to: number, what = `a whole number from ${from} to ${to}`) =>
  v.pipe(v.number(what), v.integer(what), v.minValue(from, what), v.maxValue(to, what));

const dep = v.pipe(
  v.custom<Dep>(() => true),
  v.rawCheck(({ dataset, addIssue }) => {
    try {
      if (dataset.typed) asDependency(dataset.value);
    } catch (error) {
      if (error instanceof InvalidId) throw error;
      addIssue({ message: `ids, results or a Dependency: ${error instanceof Error ? error.message : String(error)}` });
    }
  }),
);

/** One parser per flag, so that what is wrong is said of the flag by its name. */
const PARSERS: { [Name in keyof Flags]-?: v.GenericSchema } = {
  after: dep,
  follow: dep,
  targets: v.union(
    [engineId, v.pipe(v.array(engineId), v.minLength(1, "at least one engine")), v.pipe(v.string(), v.nonEmpty())],
    "an engine id, a list of at least one, or the name of a pool",
  ),
  timeoutMs: wholeMs,
  runTimeoutMs: v.pipe(wholeMs, v.minValue(1, "at least 1 ms")),
  deadlineMs: v.pipe(wholeMs, v.minValue(1, "at least 1 ms")),
  retries: whole(0, 1000),
  retryOn: names("a list of error names"),
  backoff: v.union([JobFlags.entries.backoff], "{ initialMs, factor, maxMs, jitter }, times in whole milliseconds"),
  priority: whole(-1_000_000, 1_000_000),
  label: v.pipe(v.string("a string"), v.maxLength(200, "at most 200 characters")),
  idempotencyKey: v.pipe(
    v.string("a string"),
    v.nonEmpty("at least one character"),
    v.maxLength(200, "at most 200 characters"),
  ),
  chunkSize: whole(1, 1_000_000),
  ordered: claim,
  returnExceptions: claim,
  maxOutstanding: v.union([v.literal("auto"), whole(0, 1_000_000)], 'a whole number from 0, or "auto"'),
  scheme: v.picklist(SCHEME_NAMES, `one of ${SCHEME_NAMES.join(", ")}`),
  memoryMb: whole(1, 10_240),
  escalate: claim,
  waitForNew: claim,
  capture: claim,
  allowSecrets: names("a list of names"),
  signal: v.instance(AbortSignal, "an AbortSignal"),
};

/**
 * Checks flags, each by itself, and drops those that are undefined.
 *
 * @throws InvalidFlag that names the first flag with an unknown name or a value outside its range
 */
export function parseFlags(flags: Flags): Flags {
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(flagsObject(flags))) {
    const parser = Object.hasOwn(PARSERS, name) ? PARSERS[name as keyof Flags] : undefined;
    if (!parser) throw new InvalidFlag(name, `is not known; flags are ${Object.keys(PARSERS).join(", ")}`);
    if (value === undefined) continue;
    const parsed = v.safeParse(parser, value, { abortEarly: true });
    if (!parsed.success) throw new InvalidFlag(name, `${parsed.issues[0].message}, not ${shown(value)}`);
    checked[name] = parsed.output;
  }
  return checked;
}

/**
 * What was given for flags: each call that takes flags refuses what holds none by the same error.
 *
 * @throws InvalidFlag for anything but an object with flags for fields
 */
export function flagsObject<F extends object>(flags: F): F {
  if (Object.prototype.toString.call(flags) === "[object Object]") return flags;
  throw new InvalidFlag("flags", `must be an object, like { retries: 2 }, not ${shown(flags)}`);
}

/** What of a view's flags rests in the job: the part that the scheduler acts on, in one spelling, so that equal flags are equal text. */
export function jobFlags(flags: Flags): JobFlags {
  const { targets, timeoutMs, runTimeoutMs, deadlineMs, retries, retryOn, backoff, priority, scheme, memoryMb } = flags;
  return v.parse(JobFlags, {
    ...(targets === undefined ? {} : { targets: typeof targets === "string" ? targets : engineIds(targets) }),
    ...(timeoutMs ? { timeoutMs } : {}),
    ...(runTimeoutMs === undefined ? {} : { runTimeoutMs }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(retries ? { retries } : {}),
    ...(retryOn === undefined ? {} : { retryOn }),
    ...(backoff === undefined ? {} : { backoff }),
    ...(priority ? { priority } : {}),
    ...(scheme === undefined ? {} : { scheme }),
    ...(memoryMb === undefined ? {} : { memoryMb }),
    ...(flags.escalate ? { escalate: true } : {}),
    ...(flags.waitForNew ? { waitForNew: true } : {}),
  });
}

/** The engine ids of a `targets` flag, sorted, each once. */
export function engineIds(targets: number | readonly number[]): number[] {
  return typeof targets === "number" ? [targets] : [...new Set(targets)].sort((a, b) => a - b);
}

function shown(value: unknown): string {
  const text = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

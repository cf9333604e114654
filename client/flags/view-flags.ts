import * as v from "valibot";
import { InvalidFlag, InvalidId } from "../../lambdas/protocol/errors.ts";
import {
  Backoff as BackoffFlag,
  EngineId,
  JobFlags,
  SCHEME_NAMES,
  type SchemeName,
} from "../../lambdas/protocol/flags.ts";
import { fieldFault, mustBeOneOf, shown, unknownName, wholeNumber } from "../../lambdas/protocol/setting-fault.ts";
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
  /** Whether iteration follows the input; false: as completed. Default true. */
  ordered?: boolean | undefined;
  /** Whether a failing item gives its error as a value instead of rejecting the whole. Default false. */
  returnExceptions?: boolean | undefined;
  /** Items of an `imap` that were taken from its input and not yet given out; 0: no bound. Default `auto`: four per engine. */
  maxOutstanding?: "auto" | number | undefined;
  /** Placement scheme of these tasks. Default: the cluster's. */
  scheme?: SchemeName | undefined;
  /** Only pools with at least this much memory. */
  memoryMb?: number | undefined;
  /** Whether an attempt which ran out of memory or of its run time goes on in the next larger pool, without a retry. Default false. */
  escalate?: boolean | undefined;
  /** Whether a task which every engine refuses, or whose engines are gone, waits for new ones. Default false: ImpossibleDependency. */
  waitForNew?: boolean | undefined;
  /** Whether variables around the function are captured by themselves. Default true; false: each must be named by `requires`. */
  capture?: boolean | undefined;
  /** Names of captured values that look like credentials and may be sent all the same. */
  allowSecrets?: readonly string[] | undefined;
  /** Aborts the tasks. The signal given to `get` or `wait` ends the waiting only. */
  signal?: AbortSignal | undefined;
}

/**
 * The wait before each further attempt of a task.
 *
 * @example
 * // 100 ms, 200 ms, 400 ms … and at most 5 s, each varied by chance
 * client.loadBalancedView({ retries: 8, backoff: { initialMs: 100, maxMs: 5_000 } });
 */
export interface Backoff {
  /** Milliseconds before the second attempt. */
  initialMs: number;
  /** What each wait is multiplied by to give the next. Default 2. */
  factor?: number | undefined;
  /** Most milliseconds between two attempts. Default: no limit. */
  maxMs?: number | undefined;
  /** Whether each wait is drawn at random from the upper half of its length, so that tasks do not return all at once. Default true. */
  jitter?: boolean | undefined;
}

const wholeMs = wholeNumber(0);
const claim = v.boolean("must be true or false");
const names = (what: string) => v.array(v.string("must be a string"), `must be a list of ${what}`);
const text = (from: number, to: number) => {
  const words = `must be a string of ${from} to ${to} characters`;
  return v.pipe(v.string(words), v.minLength(from, words), v.maxLength(to, words));
};
const targets = "must be an engine id, a list of at least one, or the name of a pool";

const dep = v.pipe(
  v.custom<Dep>(() => true),
  v.rawCheck(({ dataset, addIssue }) => {
    try {
      if (dataset.typed) asDependency(dataset.value);
    } catch (error) {
      if (error instanceof InvalidId) throw error;
      addIssue({ message: "must be task ids, results or a Dependency" });
    }
  }),
);

/** One parser per flag, so that what is wrong is said of the flag by its name. */
const PARSERS: { [Name in keyof Flags]-?: v.GenericSchema } = {
  after: dep,
  follow: dep,
  targets: v.union(
    [EngineId, v.pipe(v.array(EngineId), v.minLength(1, targets)), v.pipe(v.string(), v.nonEmpty(targets))],
    targets,
  ),
  timeoutMs: wholeMs,
  runTimeoutMs: wholeNumber(1),
  deadlineMs: wholeNumber(1),
  retries: wholeNumber(0, 1000),
  retryOn: names("error names"),
  backoff: BackoffFlag,
  priority: wholeNumber(-1_000_000, 1_000_000),
  label: text(0, 200),
  idempotencyKey: text(1, 200),
  chunkSize: wholeNumber(1, 1_000_000),
  ordered: claim,
  returnExceptions: claim,
  maxOutstanding: v.union(
    [v.literal("auto"), wholeNumber(0, 1_000_000)],
    'must be a whole number from 0 to 1000000, or "auto"',
  ),
  scheme: v.picklist(SCHEME_NAMES, mustBeOneOf(SCHEME_NAMES)),
  memoryMb: wholeNumber(1, 10_240),
  escalate: claim,
  waitForNew: claim,
  capture: claim,
  allowSecrets: names("names"),
  signal: v.instance(AbortSignal, "must be an AbortSignal"),
};

const parsers: ReadonlyMap<string, v.GenericSchema> = new Map(Object.entries(PARSERS));

/**
 * Checks flags, each by itself, and drops those that are undefined.
 *
 * @throws InvalidFlag that names the first flag with an unknown name or a value outside its range
 */
export function parseFlags(flags: Flags): Flags {
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(flagsObject(flags))) {
    const parser = parsers.get(name);
    if (!parser) throw new InvalidFlag(name, unknownName(name, [...parsers.keys()]));
    if (value === undefined) continue;
    const parsed = v.safeParse(parser, value, { abortEarly: true });
    if (!parsed.success) throw new InvalidFlag(name, fieldFault(parser, parsed.issues[0]));
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

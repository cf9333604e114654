import * as v from "valibot";
import { InvalidFlag, InvalidId } from "../../lambdas/protocol/errors.ts";
import { Backoff as BackoffFlag, EngineId, SCHEME_NAMES } from "../../lambdas/protocol/flags.ts";
import { fieldFault, mustBeOneOf, shown, unknownName, wholeNumber } from "../../lambdas/protocol/setting-fault.ts";
import { asDependency, type Dep } from "./dependency.ts";
import type { Flags } from "./flags.ts";

const wholeMs = wholeNumber(0);
const claim = v.boolean("must be true or false");
const names = (plural: string) => v.array(v.string("must be a string"), `must be a list of ${plural}`);
const text = (from: number, to: number) => {
  const words = `must be a string of ${from} to ${to} characters`;
  return v.pipe(v.string(words), v.minLength(from, words), v.maxLength(to, words));
};
const dollars = "must be a number of US dollars, more than 0";
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

/** One parser per flag, so that an error names the flag. */
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
  budgetUsd: v.pipe(v.number(dollars), v.finite(dollars), v.minValue(Number.MIN_VALUE, dollars)),
  escalate: claim,
  waitForNew: claim,
  capture: claim,
  allowSecrets: names("names"),
  signal: v.instance(AbortSignal, "must be an AbortSignal"),
};

const parsers: ReadonlyMap<string, v.GenericSchema> = new Map(Object.entries(PARSERS));

/**
 * Checks each flag on its own and drops those that are undefined.
 *
 * @throws InvalidFlag, which names the first flag with an unknown name or a value outside its range
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
 * Returns the argument if it can hold flags. Every call that takes flags uses this check, so all report a bad argument
 * alike.
 *
 * @throws InvalidFlag for anything but an object; a list is refused too
 */
export function flagsObject<F extends object>(flags: F): F {
  if (Object.prototype.toString.call(flags) === "[object Object]") return flags;
  throw new InvalidFlag("flags", `must be an object, like { retries: 2 }, not ${shown(flags)}`);
}

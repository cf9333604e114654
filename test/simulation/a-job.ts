import type { WaitGroup } from "../../lambdas/protocol/dependency.ts";
import type { JobFlags } from "../../lambdas/protocol/flags.ts";
import type { EncodedValue } from "../../lambdas/protocol/function-reference.ts";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import type { SubmitMessage, SubmittedJob } from "../../lambdas/protocol/scheduler-messages.ts";
import type { ResultReference, ResultValues, SpecPage, TaskArguments } from "../../lambdas/protocol/spec-page.ts";

/** What a simulated task does. The engine gets it as the task's argument. */
export interface Behaviour {
  do: "ok" | "error" | "die" | "hang" | "unmet";
  /** How long it runs, in milliseconds of virtual time; `hang` never ends. */
  ms: number;
  /** Class of the error that it throws. */
  ename?: string;
  /** Number of attempts that fail or die; later ones are `ok`. Default: all. */
  times?: number;
  /** Engines that refuse an `unmet` task; others run it. */
  refusedBy?: readonly number[];
  /** Pools that lack the module of an `unmet` task. */
  lackedBy?: readonly string[];
  /** Results that it takes as arguments. */
  takes?: readonly TakenResult[];
}

/** A result as an argument: how the client refers to it, and what the engine must receive. */
export interface TakenResult {
  reference: ResultReference;
  given: ResultValues;
}

/** The module that some pools lack. */
export const MODULE = "sharp";

export const OK: Behaviour = { do: "ok", ms: 1 };

export function ok(ms: number): Behaviour {
  return { do: "ok", ms };
}

/** The hash of the only code unit of simulated jobs. */
export const UNIT = "a".repeat(64);

/** A job, as tests refer to it. */
export interface Job {
  header: JobHeader;
  behaviours: readonly Behaviour[];
  pages: [number, SpecPage][];
  /** The wait groups of its tasks. */
  waits: readonly WaitGroup[];
}

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Returns a job id. Ids sort in the order of their numbers. */
export function jobId(number: number): string {
  let rest = number;
  let text = "";
  for (let at = 0; at < 26; at++) {
    text = DIGITS[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

export interface JobPlan {
  tasks?: readonly Behaviour[];
  flags?: JobFlags;
  pageTasks?: number;
  label?: string;
  waits?: readonly WaitGroup[];
  /** Modules that the function requires. */
  modules?: readonly string[];
  /** Whether its tasks are chunks of a map. */
  chunked?: boolean;
}

/** Creates a map or, with one task, an apply. */
export function aJob(number: number, now: number, plan: JobPlan = {}): Job {
  const { tasks = [OK], flags = {}, pageTasks = 100, waits = [] } = plan;
  const specs = tasks.map(argumentsOf);
  const pages: [number, SpecPage][] = [];
  for (let first = 0; first < tasks.length; first += pageTasks)
    pages.push([
      first,
      {
        functions: [
          { code: UNIT, at: "table", name: "simulated", ...(plan.modules ? { modules: [...plan.modules] } : {}) },
        ],
        tasks: specs.slice(first, first + pageTasks).map((spec): [number, TaskArguments] => [0, spec]),
      },
    ]);
  const header: JobHeader = {
    id: jobId(number),
    tasks: tasks.length,
    items: tasks.length,
    shape: tasks.length === 1 ? "apply" : "map",
    chunked: plan.chunked ?? false,
    flags,
    submitted: now,
    client: "simulated",
    pageTasks,
    specBytes: Math.max(...specs.map((spec) => JSON.stringify(spec).length)),
    ...(plan.label === undefined ? {} : { label: plan.label }),
    ...(waits.length === 0 ? {} : { free: Math.min(...waits.map(({ from }) => from)) }),
  };
  return { header, behaviours: tasks, pages, waits };
}

/** Returns a task's behaviour and the results that it takes, as its arguments. */
function argumentsOf(behaviour: Behaviour): TaskArguments {
  const text = JSON.stringify(behaviour);
  return behaviour.takes ? [text, ...behaviour.takes.map(({ reference }) => reference)] : text;
}

/** Creates a message that submits whole jobs. */
export function submitMessage(...jobs: readonly Job[]): SubmitMessage {
  return submitParts(jobs.map((job) => jobPart(job, job.pages, true)));
}

/** Creates a message that submits a job of one task, and waits for the task. */
export function awaitedMessage(job: Job): SubmitMessage {
  return { ...submitMessage(job), awaited: true };
}

/** Creates a part of a job: some consecutive pages, with the wait groups of their tasks. */
export function jobPart({ header, waits }: Job, pages: [number, SpecPage][], last: boolean): SubmittedJob {
  const start = pages[0]?.[0] ?? 0;
  const end = pages.reduce((past, [first, page]) => Math.max(past, first + page.tasks.length), start);
  const own = waits
    .filter(({ from, to }) => from < end && to > start)
    .map((group) => ({ ...group, from: Math.max(start, group.from), to: Math.min(end, group.to) }));
  return { header, pages, ...(own.length === 0 ? {} : { waits: own }), last };
}

export function submitParts(jobs: SubmittedJob[]): SubmitMessage {
  return { type: "submit", units: [{ hash: UNIT, body: "c2ltdWxhdGVk" }], jobs };
}

/**
 * Returns the value that a simulated task returns: inline, in a blob or in a pack. The scheduler does not read values.
 */
export function simulatedValue(job: string, index: number): EncodedValue {
  if (index % 4 === 1)
    return { pack: job.slice(-22), at: 1000 * index, bytes: 1000, sum: String(index).padStart(22, "s") };
  if (index % 4 === 3) return { blob: String(index).padStart(64, "0"), bytes: 10_000 };
  return `value of ${job}.${index}`;
}

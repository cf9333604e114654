import { setImmediate as turn } from "node:timers/promises";
import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { rangesOf } from "../../lambdas/protocol/index-ranges.ts";
import { TaskAborted } from "../../lambdas/protocol/remote-error.ts";
import type { ResubmitMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { shown } from "../../lambdas/protocol/setting-fault.ts";
import { isJobId, parseTaskId, taskId } from "../../lambdas/protocol/task-id.ts";
import type { Clock } from "../cluster/clock.ts";
import type { KnownCluster } from "../cluster/known-cluster.ts";
import { refusal } from "../cluster/refusal.ts";
import type { SchedulerFunction } from "../cluster/scheduler-function.ts";
import { PAST_ANY_TASK } from "../flags/any-result.ts";
import { checkedTaskId, idList } from "../flags/checked-id.ts";
import type { Flags } from "../flags/flags.ts";
import { jobFlags } from "../flags/job-flags.ts";
import { flagsObject, parseFlags } from "../flags/parse-flags.ts";
import { JobOutcomes } from "../outcomes/outcome-store.ts";
import { addTask, type ResultPart, taskIdsOf, wholePart } from "../outcomes/result-part.ts";
import type { LoadedSource, ResultSource } from "../outcomes/result-source.ts";
import { checkTargets } from "./engine-targets.ts";
import type { Sending } from "./sending.ts";
import { viewWaits } from "./task-waits.ts";

/**
 * Flags of a resubmission. Flags that concern capturing, chunking or the identity of the work cannot be changed.
 *
 * @example
 * client.resubmit(failedIds, { retries: 2, timeoutMs: undefined, downstream: true });
 */
export type ResubmitFlags = Omit<
  Flags,
  "chunkSize" | "capture" | "allowSecrets" | "maxOutstanding" | "idempotencyKey"
> & {
  /**
   * Whether to resubmit also the dependents that became impossible because the given tasks failed. They run after the
   * resubmitted tasks, with their original flags. Default false.
   */
  downstream?: boolean | undefined;
};

const SETTLED_FLAGS: ReadonlySet<string> = new Set([
  "chunkSize",
  "capture",
  "allowSecrets",
  "maxOutstanding",
  "idempotencyKey",
]);

/** Flags that have their own fields in the message. */
const OWN_PLACE: ReadonlySet<string> = new Set(["label", "after", "follow"]);

/** An old job, and the new one that runs some or all of its tasks again. */
interface Renewal {
  from: string;
  outcomes: JobOutcomes;
  /** Indexes in the old job, in order; undefined for all of it. */
  indexes: number[] | undefined;
}

/** The parts of a client that submit tasks again. */
export interface Resubmitting extends Pick<Sending, "cluster" | "submitter" | "sent"> {
  clock: Clock;
  scheduler: SchedulerFunction;
}

/** @see Client.resubmit */
export function resubmit(
  ports: Resubmitting,
  wanted: string | readonly string[],
  resubmitFlags: ResubmitFlags,
): ResultSource<unknown> {
  const { downstream = false, ...given } = flagsObject(resubmitFlags);
  if (typeof downstream !== "boolean")
    throw new InvalidFlag("downstream", `must be true or false, not ${shown(downstream)}`);
  ports.submitter.assertOpen();
  const flags = checkedFlags(ports.cluster, given);
  const isJob = typeof wanted === "string" && isJobId(wanted);
  const ids = isJob ? [] : [...new Set(idList(wanted).map(checkedTaskId))];
  const indexes = isJob ? new Map([[wanted, undefined]]) : indexesByJob(ids);
  const { promise, settle } = later();
  const renewals = [...indexes].map(([from, own]): Renewal => {
    return { from, outcomes: renewed(ports, promise, flags.signal), indexes: own };
  });
  const asking = ports.submitter.inTurn(async (client) => {
    // Send in a later turn of the event loop, because the caller may still abort the signal in this one.
    if (flags.signal) await turn();
    if (flags.signal?.aborted) throw neverSubmitted(renewals);
    await ask(ports, renewals, { given, flags, downstream, client });
  });
  settle(asking);
  const parts = newPlaces(ids, renewals);
  const loaded = async (): Promise<LoadedSource> => {
    await promise;
    return isJob ? wholeJobs(renewals) : someTasks(parts, typeof wanted === "string");
  };
  const newIds = taskIdsOf(parts);
  const [only] = renewals;
  const jobId = ids.length === 1 && typeof wanted === "string" ? newIds[0] : only?.outcomes.job;
  const { label, ordered, returnExceptions } = flags;
  return {
    ...{ label, ordered, returnExceptions, loaded },
    jobId: renewals.length === 1 ? jobId : undefined,
    ...(isJob ? {} : { taskIds: newIds }),
  };
}

/**
 * Creates a new job. Once the scheduler has accepted the job, its tasks are listed as submitted, and the signal aborts
 * them.
 */
function renewed({ submitter, sent }: Resubmitting, submitted: Promise<void>, signal?: AbortSignal): JobOutcomes {
  const outcomes = new JobOutcomes(submitter.newId(), submitted);
  sent.jobs.add(outcomes);
  const note = () => {
    const part = wholePart(outcomes);
    sent.submitted(part);
    sent.guard(signal, part);
  };
  outcomes.submitted.then(note, () => {});
  return outcomes;
}

/** Returns the new tasks that run the tasks with these ids again, in the order of the ids. */
function newPlaces(ids: readonly string[], renewals: readonly Renewal[]): ResultPart[] {
  const places = new Map(renewals.flatMap(placesOf));
  const parts: ResultPart[] = [];
  for (const id of ids) {
    const part = places.get(id);
    if (part) addTask(parts, part);
  }
  return parts;
}

function checkedFlags(cluster: KnownCluster, given: ResubmitFlags): Flags {
  const settled = Object.keys(given).find((name) => SETTLED_FLAGS.has(name));
  if (settled)
    throw new InvalidFlag(
      settled,
      "cannot be changed by resubmit: tasks run again with the function and the chunks of their first submission",
    );
  const flags = parseFlags(given);
  checkTargets(cluster, flags);
  return flags;
}

function indexesByJob(ids: readonly string[]): Map<string, number[] | undefined> {
  const byJob = new Map<string, number[]>();
  for (const { job, index } of ids.map(parseTaskId)) {
    const own = byJob.get(job);
    if (own) own.push(index);
    else byJob.set(job, [index]);
  }
  // The first chunks of a map may be one item longer than the others. Ascending order keeps the longer chunks first in
  // the new job too.
  for (const own of byJob.values()) own.sort((a, b) => a - b);
  return byJob;
}

/** Returns each old task id with the new task that runs it again. */
function placesOf({ from, outcomes, indexes = [] }: Renewal): [string, ResultPart][] {
  return indexes.map((index, at) => [taskId(from, index), { outcomes, from: at, to: at + 1 }]);
}

async function ask(
  { clock, cluster, scheduler, sent }: Resubmitting,
  renewals: readonly Renewal[],
  { given, flags, downstream, client }: { given: ResubmitFlags; flags: Flags; downstream: boolean; client: string },
): Promise<void> {
  if (renewals.length === 0) return;
  const kept = jobFlags(flags, cluster);
  const waits = viewWaits(flags);
  const { after = [], follow } = waits ?? {};
  const message: ResubmitMessage = {
    type: "resubmit",
    jobs: renewals.map(({ from, outcomes, indexes }) => ({
      id: outcomes.job,
      from,
      ...(indexes ? { ranges: rangesOf(indexes).map(([first, past]): [number, number] => [first, past]) } : {}),
    })),
    flags: kept,
    ...(flags.label === undefined ? {} : { label: flags.label }),
    // A given flag that is missing in `kept` was given as undefined or as its default, so remove it.
    without: Object.keys(given).filter((name) => !(name in kept || (OWN_PLACE.has(name) && name in flags))),
    ...(waits ? { waits: { ...(after.length > 0 ? { after } : {}), ...(follow ? { follow } : {}) } } : {}),
    ...(downstream ? { downstream } : {}),
    submitted: clock.now(),
    client,
  };
  const answer = await scheduler.ask(JSON.stringify(message));
  if (answer.type === "error") throw refusal(answer);
  sent.passOn(waits);
  for (const { from, indexes } of renewals)
    for (const [first, past] of indexes ? rangesOf(indexes) : [[0, PAST_ANY_TASK] as const])
      sent.renewed(from, first, past);
  const headers = answer.type === "resubmitted" ? answer.headers : [];
  for (const header of headers) renewals.find(({ outcomes }) => outcomes.job === header.id)?.outcomes.open(header);
}

/** The error of a resubmission whose signal was aborted before it was sent. */
function neverSubmitted([first]: readonly Renewal[]): TaskAborted {
  const id = taskId(first?.outcomes.job ?? "", 0);
  const evalue = "the resubmission was aborted before it was sent, so no task runs again";
  return new TaskAborted({ ename: "TaskAborted", evalue, traceback: "", engineId: undefined, taskId: id });
}

function wholeJobs(renewals: readonly Renewal[]): LoadedSource {
  const parts = renewals.map(({ outcomes }) => wholePart(outcomes));
  const header = parts[0]?.outcomes.header;
  const isLone = header?.shape === "apply" && header.tasks === 1;
  return { parts, shape: isLone ? "value" : "list" };
}

function someTasks(parts: readonly ResultPart[], isOne: boolean): LoadedSource {
  const isValue = isOne && parts[0]?.outcomes.header?.chunked !== true;
  return { parts, shape: isValue ? "value" : "list" };
}

/**
 * Returns a promise, and a function that makes it settle as another promise does: for callers that need the first
 * before the second exists.
 */
function later(): { promise: Promise<void>; settle: (by: Promise<void>) => void } {
  let settle: (by: Promise<void>) => void = () => {};
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}

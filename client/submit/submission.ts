import { InvalidFlag, NoEnginesRegistered } from "../../lambdas/protocol/errors.ts";
import type { FunctionReference } from "../../lambdas/protocol/function-reference.ts";
import { idsText, rangesOf } from "../../lambdas/protocol/index-ranges.ts";
import type { EncodedError } from "../../lambdas/protocol/outcome-page.ts";
import { chunkBounds, resultsIn, type TaskArguments } from "../../lambdas/protocol/spec-page.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { ClientCore } from "../client-core.ts";
import { poolIds } from "../cluster/pool-ids.ts";
import { AsyncResult } from "../results/async-result.ts";
import { ResultItems, type ResultPart } from "../results/result-items.ts";
import { engineIds, type Flags, jobFlags } from "../flags/view-flags.ts";
import { BlobDrafts } from "./blob-drafts.ts";
import { callSite } from "../outcomes/call-site.ts";
import { keyedJob, keyedResult, standingJob } from "./keyed-job.ts";
import { ArgumentsEncoder, isResult, takesResults } from "./task-arguments.ts";
import { passOn, viewWaits, withTaken } from "./task-waits.ts";
import { withoutWithdrawn } from "./withdrawn-parents.ts";

/** Ships a function for tasks to come. `blobs` go up with the first of them. */
export interface ReadyFunction {
  reference: FunctionReference;
  blobs: ReadonlyMap<string, Uint8Array>;
}

/** Captures a function as it is now; throws as `FunctionUnits.reference` does, before anything is sent. */
export function readyFunction(core: ClientCore, fn: unknown, flags: Flags): ReadyFunction {
  core.assertOpen();
  const drafts = new BlobDrafts();
  return { reference: core.units.reference(fn, flags, drafts), blobs: drafts.blobs };
}

/** Submits one task. Its id is the result's job id too, so that any process knows the shape from the id alone. */
export function submitApply<T>(
  core: ClientCore,
  { reference, blobs }: ReadyFunction,
  args: readonly unknown[],
  flags: Flags,
): AsyncResult<T, T> {
  const standing = standingJob(core, flags);
  if (standing) return keyedResult(core, standing, { tasks: 1, isApply: true }, flags);
  const drafts = new BlobDrafts();
  for (const [hash, bytes] of blobs) drafts.blobs.set(hash, bytes);
  const encoder = new ArgumentsEncoder(core, drafts);
  const encoded = encoder.encode(args, (path) => `args${path}`);
  const given = withTaken(viewWaits(flags), resultsIn(encoded));
  passOn(core, given);
  const left = withoutWithdrawn(core.jobs, given);
  const waits = left.impossible ? undefined : left.waits;
  const call = { reference, args: encoded, blobs: drafts.blobs, names: encoder.names, waits };
  const keyed = keyedJob(flags);
  const group = left.impossible ?? flags.signal;
  const { outcomes, task } = core.submitter.submitApply(call, jobFlags(flags), flags.label, group, keyed);
  const part = { outcomes, from: task, to: task + 1 };
  const { returnExceptions } = flags;
  const items = track(core, part, flags, left.impossible);
  if (keyed !== undefined) return keyedResult(core, outcomes, { tasks: 1, isApply: true }, flags);
  return new AsyncResult(core, {
    loaded: { items, shape: "value" },
    jobId: taskId(outcomes.job, task),
    label: flags.label,
    returnExceptions,
  });
}

/** What the tasks of a map are called with, and how their results make one. */
export interface MapInput<T> {
  /** Argument lists of the items. */
  rows: readonly (readonly unknown[])[];
  /** Turns an item and the position of an argument into the caller's accessor, for messages. */
  pathOf: (item: number, position: number) => string;
  /** Default: the list of the items' values. */
  finish?: (values: unknown[]) => T;
}

/** Submits a map as one job. A map of nothing sends nothing. */
export function submitMap<T>(core: ClientCore, fn: unknown, input: MapInput<T>, flags: Flags): AsyncResult<T> {
  const { rows, pathOf, finish } = input;
  const { chunkSize = 1, label, ordered, returnExceptions } = flags;
  const { reference, blobs } = readyFunction(core, fn, flags);
  const source = { label, ordered, returnExceptions, finish };
  if (rows.length === 0) {
    const items = new ResultItems([], core.blobs);
    return new AsyncResult(core, { ...source, loaded: { items, shape: "list" }, jobId: core.submitter.newId() });
  }
  const standing = standingJob(core, flags);
  if (standing) return keyedResult(core, standing, { tasks: Math.ceil(rows.length / chunkSize), finish }, flags);
  const drafts = new BlobDrafts();
  for (const [hash, bytes] of blobs) drafts.blobs.set(hash, bytes);
  const encoder = new ArgumentsEncoder(core, drafts);
  const chunks = chunkSize > 1 ? encodedChunks(encoder, input, chunkSize) : undefined;
  const given = viewWaits(flags);
  passOn(core, given);
  const left = withoutWithdrawn(core.jobs, given);
  const waits = left.impossible ? undefined : left.waits;
  const draft = core.submitter.draftMap(chunks !== undefined, jobFlags(flags), label, keyedJob(flags));
  const place = draft.addFunction(reference);
  if (chunks) for (const args of chunks) draft.addTask(place, args, waits);
  else {
    for (const [item, row] of rows.entries()) {
      const inCall = (path: string) => path.replace(/^\[(\d+)\]/, (_, position) => pathOf(item, Number(position)));
      const args = encoder.encode(row, inCall);
      const taken = resultsIn(args);
      passOn(core, withTaken(undefined, taken));
      draft.addTask(place, args, withTaken(waits, taken));
    }
  }
  draft.addNames(encoder.names);
  const outcomes = core.submitter.submitMap(draft, rows.length, drafts.blobs);
  const items = track(core, { outcomes, from: 0, to: draft.tasks }, flags, left.impossible);
  if (draft.isKeyed) return keyedResult(core, outcomes, { tasks: draft.tasks, finish }, flags);
  return new AsyncResult(core, { ...source, loaded: { items, shape: "list" }, jobId: outcomes.job });
}

/** The arguments of a map's chunks; `undefined` where results are among the items: each is taken by a task alone, as it may wait for another. */
function encodedChunks<T>(
  encoder: ArgumentsEncoder,
  { rows, pathOf }: MapInput<T>,
  chunkSize: number,
): TaskArguments[] | undefined {
  if (rows.some((row) => row.some(isResult))) return undefined;
  const chunks: TaskArguments[] = [];
  const tasks = Math.ceil(rows.length / chunkSize);
  for (let task = 0; task < tasks; task++) {
    const { from, to } = chunkBounds(rows.length, tasks, task);
    const inCall = (path: string) =>
      path.replace(/^\[(\d+)\]\[(\d+)\]/, (_, item, position) => pathOf(from + Number(item), Number(position)));
    const args = encoder.encode(rows.slice(from, to), inCall);
    if (takesResults(args)) return undefined;
    chunks.push(args);
  }
  return chunks;
}

/**
 * Checks that a view's tasks could run on some engine that is known; where none is, the scheduler checks alone.
 *
 * @throws NoEnginesRegistered when `targets` names one that does not exist, InvalidFlag when no pool has `memoryMb`
 */
export function checkTargets(core: ClientCore, { targets, memoryMb }: Flags): void {
  const { pools } = core;
  if (pools.length === 0) return;
  const names = pools.map(({ name }) => name).join(", ");
  if (typeof targets === "string" && !pools.some(({ name }) => name === targets)) {
    throw new NoEnginesRegistered(`there is no pool named ${JSON.stringify(targets)}; pools are ${names}`);
  }
  if (targets !== undefined && typeof targets !== "string") {
    const known = poolIds(pools);
    const absent = engineIds(targets).filter((id) => !known.includes(id));
    if (absent.length > 0) {
      const ids = idsText(rangesOf(known));
      throw new NoEnginesRegistered(`there is no engine ${absent.join(", ")}; engine ids are ${ids || "none"}`);
    }
  }
  if (memoryMb !== undefined && !pools.some((pool) => pool.memoryMb >= memoryMb)) {
    const largest = Math.max(0, ...pools.map((pool) => pool.memoryMb));
    throw new InvalidFlag("memoryMb", `must be ${largest} or less, the memory of the largest pool, not ${memoryMb}`);
  }
}

/** How many engines may run a view's tasks. */
export function eligibleEngines({ pools, engineCount }: ClientCore, { targets }: Flags): number {
  if (targets === undefined) return engineCount;
  if (typeof targets === "string") return pools.find(({ name }) => name === targets)?.count ?? 0;
  return engineIds(targets).length;
}

function track(core: ClientCore, part: ResultPart, flags: Flags, impossible?: EncodedError): ResultItems {
  const { outcomes } = part;
  outcomes.calledAt(part.from, callSite());
  core.jobs.add(outcomes);
  if (impossible) core.submitter.withdraw(outcomes, part.to - part.from, impossible);
  else if (flags.signal) core.signals.guard(flags.signal, part);
  if (outcomes.isWithdrawn) return new ResultItems([part], core.blobs);
  core.events.submitted(outcomes);
  const isKeyed = flags.idempotencyKey !== undefined;
  core.history.add(part, isKeyed);
  if (isKeyed) {
    const resize = () => core.history.resized(outcomes.job, outcomes.header?.tasks ?? part.to);
    outcomes.submitted.then(resize, () => {});
  }
  return new ResultItems([part], core.blobs);
}

import type { FunctionReference } from "../../lambdas/protocol/function-reference.ts";
import type { EncodedError } from "../../lambdas/protocol/outcome-page.ts";
import { chunkBounds, resultsIn, type TaskArguments } from "../../lambdas/protocol/spec-page.ts";
import type { Flags } from "../flags/flags.ts";
import { jobFlags } from "../flags/job-flags.ts";
import { callSite } from "../outcomes/call-site.ts";
import { KeptArguments } from "../outcomes/kept-arguments.ts";
import type { ResultPart } from "../outcomes/result-part.ts";
import type { ResultSource } from "../outcomes/result-source.ts";
import { TaskSource } from "../outcomes/task-source.ts";
import { type ArgumentLists, listsBetween } from "./argument-lists.ts";
import { BlobDrafts } from "./blob-drafts.ts";
import { keyedJob, keyedResult, standingJob } from "./keyed-job.ts";
import type { Sending } from "./sending.ts";
import { ArgumentsEncoder, isResult, takesResults } from "./task-arguments.ts";
import { type TaskWaits, viewWaits, withTaken } from "./task-waits.ts";
import { withoutWithdrawn } from "./withdrawn-parents.ts";

/** A function captured for future tasks. Its `blobs` are uploaded with the first of them. */
export interface ReadyFunction {
  reference: FunctionReference;
  blobs: BlobDrafts;
}

/** Captures a function as it is now. Throws as `FunctionUnits.reference` does, before anything is sent. */
export function readyFunction(
  { submitter, units }: Pick<Sending, "submitter" | "units">,
  fn: unknown,
  flags: Flags,
): ReadyFunction {
  submitter.assertOpen();
  const drafts = new BlobDrafts();
  return { reference: units.reference(fn, flags, drafts), blobs: drafts };
}

/** Submits one task. */
export function submitApply<T>(
  sending: Sending,
  { reference, blobs }: ReadyFunction,
  args: readonly unknown[],
  flags: Flags,
): ResultSource<T> {
  const { submitter, sent } = sending;
  const standing = standingJob(sent.jobs, flags);
  if (standing) return keyedResult(standing, { tasks: 1, isApply: true }, flags);
  const drafts = new BlobDrafts();
  drafts.addAll(blobs);
  const encoder = new ArgumentsEncoder(sending.cluster.id, drafts);
  const encoded = encoder.encode(args, (path) => `args${path}`);
  const given = withTaken(viewWaits(flags), resultsIn(encoded));
  sent.passOn(given);
  const left = withoutWithdrawn(sent.jobs, given);
  const waits = left.impossible ? undefined : left.waits;
  const call = { reference, args: encoded, blobs: drafts, names: encoder.names, waits };
  const keyed = keyedJob(flags);
  const group = left.impossible ?? flags.signal;
  const { outcomes, task } = submitter.submitApply(call, jobFlags(flags, sending.cluster), flags.label, group, keyed);
  const part = { outcomes, from: task, to: task + 1 };
  track(sending, part, flags, left.impossible);
  if (keyed !== undefined) return keyedResult(outcomes, { tasks: 1, isApply: true }, flags);
  return new TaskSource<T>(outcomes, task, flags);
}

/** The arguments of a map's tasks, and how their results are combined. */
export interface MapInput<T> {
  /** Argument lists, one per item. */
  rows: ArgumentLists;
  /** Turns an item's index and an argument's position into a path in the caller's terms, for messages. */
  pathOf: (item: number, position: number) => string;
  /** Combines the items' values. Default: the list of them. */
  finish?: (values: unknown[]) => T;
}

/** Submits a map as one job. An empty map sends nothing. */
export function submitMap<T>(sending: Sending, fn: unknown, input: MapInput<T>, flags: Flags): ResultSource<T> {
  const { submitter, sent } = sending;
  const { rows, pathOf, finish } = input;
  const { chunkSize = 1, label, ordered, returnExceptions } = flags;
  const { reference, blobs } = readyFunction(sending, fn, flags);
  const source = { label, ordered, returnExceptions, finish };
  if (rows.length === 0) return { ...source, loaded: { parts: [], shape: "list" }, jobId: submitter.newId() };
  const standing = standingJob(sent.jobs, flags);
  if (standing) return keyedResult(standing, { tasks: Math.ceil(rows.length / chunkSize), finish }, flags);
  const drafts = new BlobDrafts();
  drafts.addAll(blobs);
  const encoder = new ArgumentsEncoder(sending.cluster.id, drafts);
  const chunks = chunkSize > 1 ? encodedChunks(encoder, input, chunkSize) : undefined;
  const given = viewWaits(flags);
  sent.passOn(given);
  const left = withoutWithdrawn(sent.jobs, given);
  const waits = left.impossible ? undefined : left.waits;
  const draft = submitter.draftMap(chunks !== undefined, jobFlags(flags, sending.cluster), label, keyedJob(flags));
  const place = draft.addFunction(reference);
  const kept = new KeptArguments();
  const addTask = (args: TaskArguments, on: TaskWaits | undefined) => kept.keep(draft.addTask(place, args, on), args);
  if (chunks) for (const args of chunks) addTask(args, waits);
  else {
    for (let item = 0; item < rows.length; item++) {
      const inCall = (path: string) => path.replace(/^\[(\d+)\]/, (_, position) => pathOf(item, Number(position)));
      const args = encoder.encode(rows.of(item), inCall);
      const taken = resultsIn(args);
      sent.passOn(withTaken(undefined, taken));
      addTask(args, withTaken(waits, taken));
    }
  }
  draft.addNames(encoder.names);
  draft.blobs.addAll(drafts);
  const outcomes = submitter.submitMap(draft, rows.length);
  const part = { outcomes, from: 0, to: draft.tasks };
  track(sending, part, flags, left.impossible);
  if (draft.isKeyed) return keyedResult(outcomes, { tasks: draft.tasks, finish }, flags);
  outcomes.args = kept;
  return { ...source, loaded: { parts: [part], shape: "list" }, jobId: outcomes.job };
}

/**
 * Encodes the arguments of a map's chunks. `undefined` if results are among the items, because each such item needs a
 * task of its own that can wait.
 */
function encodedChunks<T>(
  encoder: ArgumentsEncoder,
  { rows, pathOf }: MapInput<T>,
  chunkSize: number,
): TaskArguments[] | undefined {
  for (let item = 0; item < rows.length; item++) if (rows.of(item).some(isResult)) return undefined;
  const chunks: TaskArguments[] = [];
  const tasks = Math.ceil(rows.length / chunkSize);
  for (let task = 0; task < tasks; task++) {
    const { from, to } = chunkBounds(rows.length, tasks, task);
    const inCall = (path: string) =>
      path.replace(/^\[(\d+)\]\[(\d+)\]/, (_, item, position) => pathOf(from + Number(item), Number(position)));
    const args = encoder.encode(listsBetween(rows, from, to), inCall);
    if (takesResults(args)) return undefined;
    chunks.push(args);
  }
  return chunks;
}

/** Registers submitted tasks with all parts of the client. Ends them at once if they can never run. */
function track({ submitter, sent }: Sending, part: ResultPart, flags: Flags, impossible?: EncodedError): void {
  const { outcomes } = part;
  if (outcomes.calls.hasRoom) outcomes.calls.note(part.from, callSite());
  sent.jobs.add(outcomes);
  if (impossible) submitter.withdraw(outcomes, part.to - part.from, impossible);
  else sent.guard(flags.signal, part);
  if (!outcomes.isWithdrawn) sent.submitted(part, flags.idempotencyKey !== undefined);
}

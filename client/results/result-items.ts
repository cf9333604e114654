import { decodeValue } from "../../lambdas/protocol/codec.ts";
import { ClusterError, CodecError, ValueLost } from "../../lambdas/protocol/errors.ts";
import type { EncodedValue } from "../../lambdas/protocol/function-reference.ts";
import type { ItemOutcome } from "../../lambdas/protocol/outcome-page.ts";
import { chunkBounds } from "../../lambdas/protocol/spec-page.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import { decodeThrown } from "../../lambdas/protocol/thrown.ts";
import type { BlobReader } from "../outcomes/blob-reader.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import { type ResultPart, taskIdsOf } from "../outcomes/result-part.ts";
import type { ResultShape } from "../outcomes/result-source.ts";
import { attemptError } from "./attempt-error.ts";
import { missingFileAdvice } from "./missing-file.ts";

/** A result whose tasks are known. */
export interface LoadedResult {
  items: ResultItems;
  shape: ResultShape;
}

/** The outcome of one item. */
export type Settled = { ok: true; value: unknown } | { ok: false; error: Error };

/** A read of an item's outcome. Resolves to undefined if the read failed and must be repeated. */
export type BegunRead = Promise<Settled | undefined>;

/** The outcome of one item, its value still encoded. */
interface ItemEnd {
  value?: EncodedValue | undefined;
  error?: Error;
}

/** The location of an item: its task, and its index in the task's chunk. */
export interface ItemPlace {
  outcomes: JobOutcomes;
  task: number;
  offset: number;
}

/** The items of a result, which users count, await and iterate over. Tasks and chunks stay hidden. */
export class ResultItems {
  readonly parts: readonly ResultPart[];
  readonly #blobs: BlobReader;
  /** The most recently read chunk, so that a chunk whose items are read one after another is fetched only once. */
  #chunk: { outcomes: JobOutcomes; task: number; items: ItemOutcome[] | Promise<ItemOutcome[]> } | undefined;

  constructor(parts: readonly ResultPart[], blobs: BlobReader) {
    this.parts = parts;
    this.#blobs = blobs;
  }

  get count(): number {
    return this.parts.reduce((sum, part) => sum + (pastItem(part, part.to) - pastItem(part, part.from)), 0);
  }

  get tasks(): number {
    return this.parts.reduce((sum, { from, to }) => sum + to - from, 0);
  }

  get missingTasks(): number {
    return this.parts.reduce((sum, { outcomes, from, to }) => sum + outcomes.missingBetween(from, to), 0);
  }

  /** Whether all of its tasks were aborted before they were submitted. */
  get isWithdrawn(): boolean {
    return this.parts.length > 0 && this.parts.every(({ outcomes }) => outcomes.isWithdrawn);
  }

  /** Number of items whose tasks have finished. */
  get endedCount(): number {
    let ended = 0;
    for (const { outcomes, from, to } of this.parts) {
      if (!outcomes.header?.chunked) ended += to - from - outcomes.missingBetween(from, to);
      else for (let task = from; task < to; task++) if (outcomes.isFinal(task)) ended += chunkSize(outcomes, task);
    }
    return ended;
  }

  /** Ids of the tasks, in order. Built at each call, because those of a large map take more memory than its results. */
  taskIds(): string[] {
    return taskIdsOf(this.parts);
  }

  /** The location of each item, in order. */
  *places(): Generator<ItemPlace> {
    for (const { outcomes, from, to } of this.parts)
      for (let task = from; task < to; task++) {
        const size = chunkSize(outcomes, task);
        for (let offset = 0; offset < size; offset++) yield { outcomes, task, offset };
      }
  }

  /** Number of items of one task. */
  itemsOf(outcomes: JobOutcomes, task: number): number {
    return chunkSize(outcomes, task);
  }

  /** Index in the result of a task's first item. */
  positionOf(outcomes: JobOutcomes, task: number): number {
    let before = 0;
    for (const part of this.parts) {
      const past = part.outcomes === outcomes && task >= part.from && task < part.to ? task : part.to;
      before += pastItem(part, past) - pastItem(part, part.from);
      if (past !== part.to) break;
    }
    return before;
  }

  /**
   * Reads the outcome of an item whose task has finished. Returns a promise only if the value must be fetched. A lost
   * value fails only this item.
   */
  read(place: ItemPlace): Settled | Promise<Settled> {
    const outcome = this.#outcome(place);
    const settled = outcome instanceof Promise ? outcome.then((late) => this.#settle(late)) : this.#settle(outcome);
    return settled instanceof Promise ? settled.catch(ifLost) : settled;
  }

  /** Reads the error of an item whose task has finished, if it failed, without fetching its value. */
  readError(place: ItemPlace): Error | undefined | Promise<Error | undefined> {
    const outcome = this.#outcome(place);
    return outcome instanceof Promise ? outcome.then((late) => late.error) : outcome.error;
  }

  /** Whether a value of the task must be fetched, judging by its outcome alone. */
  isStored(outcomes: JobOutcomes, task: number): boolean {
    const value = outcomes.value(task);
    if (typeof value !== "string") return value !== undefined;
    // A string value cannot match by accident, because JSON escapes the quotes inside it.
    return outcomes.header?.chunked === true && /\{"(?:pack|blob)":/.test(value);
  }

  /**
   * Reads the values of all items, once all tasks have finished. The value of a failed item is its error, which is also
   * listed in `errors`.
   *
   * @param begun returns the read of an item if one has begun
   */
  async readAll(
    begun: (place: ItemPlace) => BegunRead | undefined = () => undefined,
  ): Promise<{ values: unknown[]; errors: Error[]; indexes: number[] }> {
    const values: unknown[] = new Array(this.count);
    const failures: [index: number, error: Error][] = [];
    const take = (settled: Settled, index: number) => {
      values[index] = settled.ok ? settled.value : settled.error;
      if (!settled.ok) failures.push([index, settled.error]);
    };
    const fetches: Promise<void>[] = [];
    let index = 0;
    for (const place of this.places()) {
      const at = index++;
      const early = begun(place);
      const settled = early ? early.then((known) => known ?? this.read(place)) : this.read(place);
      if (settled instanceof Promise) fetches.push(settled.then((fetched) => take(fetched, at)));
      else take(settled, at);
    }
    await Promise.all(fetches);
    failures.sort(([a], [b]) => a - b);
    return { values, errors: failures.map(([, error]) => error), indexes: failures.map(([at]) => at) };
  }

  #outcome({ outcomes, task, offset }: ItemPlace): ItemEnd | Promise<ItemEnd> {
    if (!outcomes.header?.chunked)
      return outcomes.isOk(task) ? { value: outcomes.value(task) } : failed(outcomes, task);
    const encoded = outcomes.value(task);
    if (encoded === undefined) return failed(outcomes, task);
    if (this.#chunk?.outcomes !== outcomes || this.#chunk.task !== task) {
      this.#chunk = { outcomes, task, items: this.#items(encoded) };
    }
    const { items } = this.#chunk;
    if (items instanceof Promise) return items.then((all) => itemEnd(outcomes, task, all[offset]));
    return itemEnd(outcomes, task, items[offset]);
  }

  #items(encoded: EncodedValue): ItemOutcome[] | Promise<ItemOutcome[]> {
    if (typeof encoded === "string") return itemOutcomes(encoded);
    return this.#blobs.get(encoded).then((bytes) => itemOutcomes(Buffer.from(bytes).toString("utf8")));
  }

  #settle({ value, error }: ItemEnd): Settled | Promise<Settled> {
    if (error) return { ok: false, error };
    if (value === undefined) return { ok: true, value: undefined };
    if (typeof value === "string") return decoded(value);
    return this.#blobs.get(value).then(decoded);
  }
}

/** Decodes a chunk's value as its engine wrote it. */
function itemOutcomes(text: string): ItemOutcome[] {
  // Not validated: checking a million items would take longer than reading them.
  return JSON.parse(text) as ItemOutcome[];
}

/** Decodes a value. If that fails, for example because its class is not registered, only this item fails. */
function decoded(value: string | Uint8Array): Settled {
  try {
    return { ok: true, value: decodeValue(value) };
  } catch (error) {
    if (error instanceof CodecError) return { ok: false, error };
    throw error;
  }
}

/**
 * Returns the outcome of an item whose value is lost. Rethrows any other error: a failing network, for example, says
 * nothing about the item.
 */
function ifLost(error: unknown): Settled {
  if (error instanceof ValueLost) return { ok: false, error };
  throw error;
}

function failed(outcomes: JobOutcomes, task: number): ItemEnd {
  const record = outcomes.final(task);
  const id = taskId(outcomes.job, task);
  const error = record && attemptError(record, id, outcomes.callOf(task));
  const unreadable = `task ${id} has ended, but its outcome cannot be read`;
  return { error: error ?? new ClusterError(`${unreadable}: use one version of fantail for client and cluster`) };
}

function itemEnd(outcomes: JobOutcomes, task: number, item: ItemOutcome | undefined): ItemEnd {
  if (item === undefined) return failed(outcomes, task);
  if (item[0] === 1) return { value: item[1] };
  const engineId = outcomes.final(task)?.engine;
  const where = {
    taskId: taskId(outcomes.job, task),
    engineId,
    submittedAt: outcomes.callOf(task),
    adviceOf: missingFileAdvice,
  };
  return { error: decodeThrown(item[1], where) };
}

function chunkSize(outcomes: JobOutcomes, task: number): number {
  const { header } = outcomes;
  if (!header?.chunked) return 1;
  const { from, to } = chunkBounds(header.items, header.tasks, task);
  return to - from;
}

/** Number of items in the part's job before `task`. */
function pastItem({ outcomes: { header } }: ResultPart, task: number): number {
  if (!header?.chunked) return task;
  return task === header.tasks ? header.items : chunkBounds(header.items, header.tasks, task).from;
}

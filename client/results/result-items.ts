import { decodeValue } from "../../lambdas/protocol/codec.ts";
import { CodecError, ValueLost } from "../../lambdas/protocol/errors.ts";
import type { EncodedValue } from "../../lambdas/protocol/function-reference.ts";
import type { ItemOutcome } from "../../lambdas/protocol/outcome-page.ts";
import type { BlobReader } from "../outcomes/blob-reader.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import { type ResultPart, taskIdsOf } from "../outcomes/result-part.ts";
import type { ResultShape } from "../outcomes/result-source.ts";
import { chunkSize, pastItem } from "./chunk-sizes.ts";
import { itemError, taskError } from "./item-errors.ts";
import { ItemNames } from "./item-names.ts";
import { indexIn, placedByJob } from "./placed-parts.ts";

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

/** The location of an item: its task, its index in the task's chunk and, if known, its index in the result. */
export interface ItemLocation {
  outcomes: JobOutcomes;
  task: number;
  offset: number;
  index?: number;
}

/** The items of a result, which users count, await and iterate over. Tasks and chunks stay hidden. */
export class ResultItems {
  readonly parts: readonly ResultPart[];
  readonly #blobs: BlobReader;
  readonly #isList: boolean;
  readonly #names = new ItemNames();
  #placed: ReturnType<typeof placedByJob> | undefined;
  /** The most recently read chunk, so that a chunk whose items are read one after another is fetched only once. */
  #chunk: { outcomes: JobOutcomes; task: number; items: ItemOutcome[] | Promise<ItemOutcome[]> } | undefined;

  /** @param isList whether errors name their item: the only item of a value needs no name */
  constructor(parts: readonly ResultPart[], blobs: BlobReader, isList: boolean) {
    this.parts = parts;
    this.#blobs = blobs;
    this.#isList = isList;
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

  /**
   * Ids of the tasks, in order. Built at each call, because the ids of a large map take more memory than its results.
   */
  taskIds(): string[] {
    return taskIdsOf(this.parts);
  }

  /** The location of each item, in order. */
  *places(): Generator<ItemLocation> {
    let index = 0;
    for (const { outcomes, from, to } of this.parts)
      for (let task = from; task < to; task++) {
        const size = chunkSize(outcomes, task);
        for (let offset = 0; offset < size; offset++) yield { outcomes, task, offset, index: index++ };
      }
  }

  /** Number of items of one task. */
  itemsOf(outcomes: JobOutcomes, task: number): number {
    return chunkSize(outcomes, task);
  }

  /**
   * Number of failed items of a finished task; at most 1 for a chunk whose values are stored outside of its outcome
   * page.
   */
  failuresOf(outcomes: JobOutcomes, task: number): number {
    if (outcomes.isOk(task)) return 0;
    const value = outcomes.header?.chunked ? outcomes.value(task) : undefined;
    if (value === undefined) return chunkSize(outcomes, task);
    return typeof value === "string" ? itemOutcomes(value).filter(([isOk]) => isOk === 0).length : 1;
  }

  /** Index in the result of a task's first item: of the first one, if the result contains the task more than once. */
  positionOf(outcomes: JobOutcomes, task: number): number {
    this.#placed ??= placedByJob(this.parts);
    const placed = this.#placed.get(outcomes)?.find(({ part }) => task >= part.from && task < part.to);
    return placed ? indexIn(placed, task) : this.count;
  }

  /**
   * Reads the outcome of an item whose task has finished. Returns a promise only if the value must be fetched. A lost
   * value fails only this item.
   */
  read(place: ItemLocation): Settled | Promise<Settled> {
    const outcome = this.#outcome(place);
    const settled = outcome instanceof Promise ? outcome.then((late) => this.#settle(late)) : this.#settle(outcome);
    return settled instanceof Promise ? settled.catch(ifLost) : settled;
  }

  /** Reads the error of an item whose task has finished, if it failed, without fetching its value. */
  readError(place: ItemLocation): Error | undefined | Promise<Error | undefined> {
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
    begun: (place: ItemLocation) => BegunRead | undefined = () => undefined,
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

  #outcome(place: ItemLocation): ItemEnd | Promise<ItemEnd> {
    const { outcomes, task, offset } = place;
    if (!outcomes.header?.chunked) return outcomes.isOk(task) ? { value: outcomes.value(task) } : this.#failed(place);
    const encoded = outcomes.value(task);
    if (encoded === undefined) return this.#failed(place);
    if (this.#chunk?.outcomes !== outcomes || this.#chunk.task !== task) {
      this.#chunk = { outcomes, task, items: this.#items(encoded) };
    }
    const { items } = this.#chunk;
    if (items instanceof Promise) return items.then((all) => this.#itemEnd(place, all[offset]));
    return this.#itemEnd(place, items[offset]);
  }

  #itemEnd(place: ItemLocation, item: ItemOutcome | undefined): ItemEnd {
    if (item === undefined) return this.#failed(place);
    return item[0] === 1 ? { value: item[1] } : { error: itemError(place, item[1], this.#nameOf(place)) };
  }

  #failed(place: ItemLocation): ItemEnd {
    return { error: taskError(place, this.#nameOf(place)) };
  }

  #nameOf({ outcomes, task, offset, index }: ItemLocation): string | undefined {
    if (!this.#isList || outcomes.isWithdrawn) return undefined;
    return this.#names.nameOf(outcomes, task, offset, index ?? this.positionOf(outcomes, task) + offset);
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

/** Parses a chunk's value into the outcomes of its items. The items' own values stay encoded. */
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

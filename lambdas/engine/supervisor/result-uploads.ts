import pLimit from "p-limit";
import type { BlobStore } from "../../adapters/blob-store.ts";
import type { Clock } from "../../adapters/clock.ts";
import { type HashedValue, packValues } from "../../adapters/pack.ts";
import { PACK_BYTES } from "../../core/packs.ts";
import { type EncodedValue, INLINE_BYTES } from "../../protocol/function-reference.ts";
import type { StoredValue } from "../../protocol/stored-value.ts";
import { messageOf } from "../messages/message-of.ts";
import type { TaskResult } from "../messages/worker-messages.ts";
import { lostTask } from "../rules/stop-cause.ts";

/**
 * Maximum number of concurrent uploads. The worker starts no task while results of more than 32 MB are not stored yet.
 */
const UPLOADS = 8;

/** Longest time that a result waits for others to share its pack, in milliseconds: as long as a short lease. */
const GATHER_MS = 300;

type StoredValues = ReadonlyMap<string, StoredValue>;

/** The values of one result, and the callback that gets their stored. */
interface Gathered {
  values: readonly HashedValue[];
  resolve: (stored: Promise<StoredValues>) => void;
}

/** Stores the large results of a lease, several in a pack, while the next tasks run. */
export class ResultUploads {
  readonly #blobs: BlobStore;
  readonly #clock: Clock;
  /** Created on first use: most leases never need it. */
  #limit: ReturnType<typeof pLimit> | undefined;
  readonly #positions = new Set<number>();
  #gathered: Gathered[] = [];
  #gatheredBytes = 0;
  #cancelTimer: () => void = () => {};

  constructor(blobs: BlobStore, clock: Clock) {
    this.#blobs = blobs;
    this.#clock = clock;
  }

  /** Whether the task's result is being stored. */
  has(position: number): boolean {
    return this.#positions.has(position);
  }

  /** Number of tasks whose results are being stored. */
  get count(): number {
    return this.#positions.size;
  }

  /**
   * Stores a result's values. Resolves to the result to report or, if the values could not be stored, to the result of
   * a lost task.
   */
  async store({ blobs = [], ...result }: TaskResult): Promise<TaskResult> {
    this.#positions.add(result.position);
    try {
      const stored = await this.#gather(blobs);
      const { value, items, ...rest } = result;
      if (items) return { ...rest, value: await this.#itemsAsValue(items, stored) };
      return value === undefined ? rest : { ...rest, value: withLocations(value, stored) };
    } catch (error) {
      const { value: _, items: __, ...rest } = result;
      return { ...rest, ...lostTask(`the task's result could not be stored: ${messageOf(error)}`) };
    } finally {
      this.#positions.delete(result.position);
    }
  }

  /**
   * Stores at once the results that still wait for others. Call this when no more results will follow soon, and with
   * each report, so that the next report can contain the stored results.
   */
  flush(): void {
    this.#cancelTimer();
    this.#gatheredBytes = 0;
    const gathered = this.#gathered;
    this.#gathered = [];
    if (gathered.length === 0) return;
    this.#limit ??= pLimit(UPLOADS);
    const limit = this.#limit;
    const { objects, locations } = packValues(gathered.flatMap(({ values }) => values));
    const uploads = new Map(
      objects.map(({ name, pieces }) => [name, limit(() => this.#blobs.putAs(name, joined(pieces)))]),
    );
    for (const { values, resolve } of gathered) {
      const own = new Set(values.map(({ hash }) => objectOf(locations.get(hash))));
      resolve(Promise.all([...own].map((name) => uploads.get(name))).then(() => locations));
    }
  }

  #gather(values: readonly HashedValue[]): Promise<StoredValues> {
    if (this.#gathered.length === 0) this.#cancelTimer = this.#clock.after(GATHER_MS, () => this.flush());
    const stored = new Promise<StoredValues>((resolve) => this.#gathered.push({ values, resolve }));
    this.#gatheredBytes += values.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    if (this.#gatheredBytes >= PACK_BYTES) this.flush();
    return stored;
  }

  /** The list of a chunk's outcomes as a value: text, or a blob if the text is long. */
  async #itemsAsValue(items: NonNullable<TaskResult["items"]>, stored: StoredValues): Promise<EncodedValue> {
    const text = JSON.stringify(items.map((item) => (item[0] === 1 ? [1, withLocations(item[1], stored)] : item)));
    const bytes = Buffer.from(text);
    if (bytes.byteLength <= INLINE_BYTES) return text;
    return { blob: await this.#blobs.put(bytes), bytes: bytes.byteLength };
  }
}

function withLocations(value: EncodedValue, stored: StoredValues): EncodedValue {
  return typeof value === "string" || !("blob" in value) ? value : (stored.get(value.blob) ?? value);
}

function objectOf(value: StoredValue | undefined): string {
  if (value === undefined) return "";
  return "blob" in value ? value.blob : value.pack;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  return only && pieces.length === 1 ? only : Buffer.concat(pieces);
}

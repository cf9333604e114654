import type { Engine } from "../../lambdas/core/engine.ts";
import { firstIndex, leaseName } from "../../lambdas/core/lease.ts";
import { withNamedLease } from "../../lambdas/core/next-lease.ts";
import type { QueueEntry } from "../../lambdas/core/queue-entry.ts";
import type { Entry, OutcomePage } from "../../lambdas/protocol/outcome-page.ts";
import { unpackOutcomePage } from "../../lambdas/protocol/packed-page.ts";
import {
  bucketOf,
  bucketPartition,
  ENGINE_PARTITION,
  isEngineKey,
  outcomePageKey,
  type Row,
} from "../../lambdas/protocol/rows.ts";
import { UnreadableRow } from "../../lambdas/protocol/unreadable-row.ts";
import { engineOf } from "../../lambdas/scheduler/rows/engine-rows.ts";
import { queueEntryBody } from "../../lambdas/scheduler/rows/queue-entry-body.ts";
import { Partition } from "./memory-store.ts";

/** Rows of both tables by partition and sort key. The tables' partitions have different names. */
export type Partitions = ReadonlyMap<string, ReadonlyMap<string, Row>>;

/** A job's id and its number of tasks. */
export interface JobSize {
  id: string;
  tasks: number;
}

/** A value derived from a job's partitions, and their number of changes at that time. */
interface Kept<T> {
  changes: number;
  value: T;
}

/** Reads a cluster's rows, from the simulation's memory or from tables. */
export class TablesView {
  readonly #partitions: Partitions;
  readonly #pages = new Map<string, Kept<{ key: string; page: OutcomePage }[]>>();
  readonly #outcomes = new Map<string, Kept<Map<number, Entry[]>>>();

  constructor(partitions: Partitions) {
    this.#partitions = partitions;
  }

  /** Returns the engines with the leases that they hold now, except those with damaged rows. */
  engines(): Engine[] {
    const rows = [...(this.#partitions.get(ENGINE_PARTITION)?.values() ?? [])];
    return rows
      .filter(isEngineKey)
      .flatMap(readableEngine)
      .map((engine) => this.#withLease(engine));
  }

  /** Returns the engine in a row with the leases that it holds now; undefined if the row is damaged. */
  engine(row: Row): Engine | undefined {
    const [engine] = readableEngine(row);
    return engine && this.#withLease(engine);
  }

  /** The engine with the lease that outcome pages name since the one in its row. */
  #withLease(engine: Engine): Engine {
    const [lease] = engine.leases;
    if (!engine.linked || !engine.session || !lease) return engine;
    const key = outcomePageKey(lease.job, firstIndex(lease), leaseName(lease));
    const row = this.#partitions.get(key.pk)?.get(key.sk);
    const page = row && unpacked(row);
    if (page?.next === undefined) return engine;
    const named = { seq: engine.session.seq + 1, next: page.next, assigned: page.received };
    return this.#withLease(withNamedLease(engine, named));
  }

  /** Returns the entries of all queues, unordered. */
  queueEntries(): QueueEntry[] {
    const entries: QueueEntry[] = [];
    for (const [pk, rows] of this.#partitions)
      if (pk.startsWith("q#")) for (const row of rows.values()) entries.push(queued(row));
    return entries;
  }

  /** Returns the sort keys of a partition. */
  keys(pk: string): string[] {
    return [...(this.#partitions.get(pk)?.keys() ?? [])].sort();
  }

  /** Returns the number of changes of a job's partitions; NaN, which equals nothing, if they do not count changes. */
  changes({ id, tasks }: JobSize): number {
    let changes = 0;
    for (let bucket = 0; bucket <= bucketOf(tasks - 1); bucket++) {
      const rows = this.#partitions.get(bucketPartition(id, bucket));
      changes += rows instanceof Partition ? rows.changes : rows ? Number.NaN : 0;
    }
    return changes;
  }

  /** Returns the outcome pages of a job. */
  pages(job: JobSize): { key: string; page: OutcomePage }[] {
    return this.#kept(this.#pages, job, () => {
      const pages: { key: string; page: OutcomePage }[] = [];
      for (let bucket = 0; bucket <= bucketOf(job.tasks - 1); bucket++)
        for (const row of this.#partitions.get(bucketPartition(job.id, bucket))?.values() ?? [])
          if (row.sk.startsWith("o#")) pages.push({ key: row.sk, page: unpacked(row) });
      return pages;
    });
  }

  /** Returns all final entries of a job, by index. */
  outcomes(job: JobSize): Map<number, Entry[]> {
    return this.#kept(this.#outcomes, job, () => {
      const outcomes = new Map<number, Entry[]>();
      for (const { page } of this.pages(job))
        for (const entry of page.entries)
          if (entry.final) outcomes.set(entry.index, [...(outcomes.get(entry.index) ?? []), entry]);
      return outcomes;
    });
  }

  /** Returns a value derived from a job's partitions. Derives it again only after they have changed. */
  #kept<T>(all: Map<string, Kept<T>>, job: JobSize, make: () => T): T {
    const changes = this.changes(job);
    const known = all.get(job.id);
    if (known?.changes === changes) return known.value;
    const value = make();
    all.set(job.id, { changes, value });
    return value;
  }
}

/** Memoizes a parser of rows. Rows are frozen, so each needs to be parsed only once. */
function parsedOnce<T>(parse: (row: Row) => T): (row: Row) => T {
  const parsed = new WeakMap<Row, { value: T }>();
  return (row) => {
    const known = parsed.get(row) ?? { value: parse(row) };
    parsed.set(row, known);
    return known.value;
  };
}

const unpacked = parsedOnce(unpackOutcomePage);
const queued = parsedOnce((row) => queueEntryBody.parse(row));
const readableEngine = parsedOnce((row): Engine[] => {
  try {
    return [engineOf(row)];
  } catch (error) {
    if (error instanceof UnreadableRow) return [];
    throw error;
  }
});

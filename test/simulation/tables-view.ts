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

/** Rows of both tables by partition and sort key. The tables' partitions have different names. */
export type Partitions = ReadonlyMap<string, ReadonlyMap<string, Row>>;

/** A job's id and its number of tasks. */
export interface JobSize {
  id: string;
  tasks: number;
}

/** Reads a cluster's rows, from the simulation's memory or from tables. */
export class TablesView {
  readonly #partitions: Partitions;

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
    return [...this.#partitions]
      .filter(([pk]) => pk.startsWith("q#"))
      .flatMap(([, rows]) => [...rows.values()].map((row) => queueEntryBody.parse(row)));
  }

  /** Returns the sort keys of a partition. */
  keys(pk: string): string[] {
    return [...(this.#partitions.get(pk)?.keys() ?? [])].sort();
  }

  /** Returns the outcome pages of a job. */
  pages({ id, tasks }: JobSize): { key: string; page: OutcomePage }[] {
    const pages: { key: string; page: OutcomePage }[] = [];
    for (let bucket = 0; bucket <= bucketOf(tasks - 1); bucket++)
      for (const row of this.#partitions.get(bucketPartition(id, bucket))?.values() ?? [])
        if (row.sk.startsWith("o#")) pages.push({ key: row.sk, page: unpacked(row) });
    return pages;
  }

  /** Returns all final entries of a job, by index. */
  outcomes(job: JobSize): Map<number, Entry[]> {
    const outcomes = new Map<number, Entry[]>();
    for (const { page } of this.pages(job))
      for (const entry of page.entries)
        if (entry.final) outcomes.set(entry.index, [...(outcomes.get(entry.index) ?? []), entry]);
    return outcomes;
  }
}

function readableEngine(row: Row): Engine[] {
  try {
    return [engineOf(row)];
  } catch (error) {
    if (error instanceof UnreadableRow) return [];
    throw error;
  }
}

const UNPACKED = new WeakMap<Row, OutcomePage>();

/** Returns the page in a row. Rows are frozen, so each is unpacked once. */
function unpacked(row: Row): OutcomePage {
  const page = UNPACKED.get(row) ?? unpackOutcomePage(row);
  UNPACKED.set(row, page);
  return page;
}

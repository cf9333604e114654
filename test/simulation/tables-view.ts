import type { Engine } from "../../lambdas/core/engine.ts";
import type { QueueEntry } from "../../lambdas/core/queue-entry.ts";
import type { Entry, OutcomePage } from "../../lambdas/protocol/outcome-page.ts";
import { unpackOutcomePage } from "../../lambdas/protocol/packed-page.ts";
import { bucketOf, bucketPartition, ENGINE_PARTITION, isEngineKey, type Row } from "../../lambdas/protocol/rows.ts";
import { UnreadableRow } from "../../lambdas/protocol/unreadable-row.ts";
import { engineOf } from "../../lambdas/scheduler/rows/engine-rows.ts";

/** Rows by partition and sort key, of both tables at once: their partitions have different names. */
export type Partitions = ReadonlyMap<string, ReadonlyMap<string, Row>>;

/** Names a job, and how many tasks it has. */
export interface JobSize {
  id: string;
  tasks: number;
}

/** What the rows of a cluster say, wherever they lie: in the simulation's memory or in a table. */
export class TablesView {
  readonly #partitions: Partitions;

  constructor(partitions: Partitions) {
    this.#partitions = partitions;
  }

  /** Engines by their rows; one that was damaged is none. */
  engines(): Engine[] {
    const rows = [...(this.#partitions.get(ENGINE_PARTITION)?.values() ?? [])];
    return rows.filter(isEngineKey).flatMap(readableEngine);
  }

  /** Hints in all queues, in no order. */
  queueEntries(): QueueEntry[] {
    return [...this.#partitions]
      .filter(([pk]) => pk.startsWith("q#"))
      .flatMap(([, rows]) => [...rows.values()].map(({ body }) => JSON.parse(body) as QueueEntry));
  }

  /** Sort keys of a partition. */
  keys(pk: string): string[] {
    return [...(this.#partitions.get(pk)?.keys() ?? [])].sort();
  }

  /** Outcome pages of a job. */
  pages({ id, tasks }: JobSize): { key: string; page: OutcomePage }[] {
    const pages: { key: string; page: OutcomePage }[] = [];
    for (let bucket = 0; bucket <= bucketOf(tasks - 1); bucket++)
      for (const row of this.#partitions.get(bucketPartition(id, bucket))?.values() ?? [])
        if (row.sk.startsWith("o#")) pages.push({ key: row.sk, page: unpacked(row) });
    return pages;
  }

  /** All entries of a job that are final, by index. */
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

/** The page in a row. Rows are frozen, so each is unpacked once. */
function unpacked(row: Row): OutcomePage {
  const page = UNPACKED.get(row) ?? unpackOutcomePage(row);
  UNPACKED.set(row, page);
  return page;
}

import { commonRanges, type IndexRange, rangesOf } from "../protocol/index-ranges.ts";
import { ENTRY_STATUSES, type EntryStatus, type OutcomePage } from "../protocol/outcome-page.ts";
import type { Row } from "../protocol/rows.ts";
import { BUCKET_TASKS } from "../protocol/spec-page.ts";
import { UnreadableRow } from "../protocol/unreadable-row.ts";

/** How a task ended, in the detail that its dependents need. */
export interface Ended {
  status: EntryStatus;
  /**
   * The engine that ran the task's last attempt, and the engine's generation at that time; absent if the task never
   * ran.
   */
  engine?: number | undefined;
  generation?: number | undefined;
  /** The task's outcome page: first index and lease, as in the page's key. */
  first: number;
  lease: string;
}

/** The strings that a page adds to the ledger of one bucket. */
export interface LedgerShare {
  bucket: number;
  ok: string[];
  bad: string[];
}

/**
 * Lists the strings that a page adds to the ledgers of its job. A ledger is a set of strings, so that pages may be
 * added twice and in any order. A page adds one string per status, or two if only some of the tasks ran. Format:
 * `first.lease@engine.generation:ranges!status`; redundant parts are left out.
 */
export function ledgerShares(
  page: Pick<OutcomePage, "engine" | "generation" | "entries">,
  first: number,
  lease: string,
): LedgerShare[] {
  const byStatus = new Map<EntryStatus, { ran: number[]; unrun: number[] }>();
  for (const { index, final, status, started } of page.entries) {
    if (!final) continue;
    const indexes = byStatus.get(status) ?? { ran: [], unrun: [] };
    byStatus.set(status, indexes);
    (started === undefined && status !== "lost" ? indexes.unrun : indexes.ran).push(index);
  }
  const shares = new Map<number, LedgerShare>();
  const add = (status: EntryStatus, indexes: readonly number[], engine: string) => {
    for (const [bucket, ranges] of byBucket(rangesOf(indexes))) {
      const share = shares.get(bucket) ?? { bucket, ok: [], bad: [] };
      shares.set(bucket, share);
      const only = ranges.length === 1 && ranges[0]?.[0] === first && ranges[0][1] === first + 1;
      const where = only ? "" : `:${ranges.map(([from, to]) => (to - from === 1 ? from : `${from}-${to}`)).join(",")}`;
      const element = `${first}.${lease}${engine}${where}`;
      if (status === "ok") share.ok.push(element);
      else share.bad.push(`${element}!${status}`);
    }
  };
  const engine = page.engine === undefined ? "" : `@${page.engine}${page.generation ? `.${page.generation}` : ""}`;
  for (const [status, { ran, unrun }] of byStatus) {
    add(status, ran, engine);
    add(status, unrun, "");
  }
  return [...shares.values()];
}

function byBucket(ranges: readonly IndexRange[]): Map<number, IndexRange[]> {
  const buckets = new Map<number, IndexRange[]>();
  for (const range of ranges)
    for (let bucket = Math.floor(range[0] / BUCKET_TASKS); bucket * BUCKET_TASKS < range[1]; bucket++) {
      const cut = commonRanges([range], [[bucket * BUCKET_TASKS, (bucket + 1) * BUCKET_TASKS]]);
      buckets.set(bucket, [...(buckets.get(bucket) ?? []), ...cut]);
    }
  return buckets;
}

const ELEMENT = /^(\d+)\.(\w+)(?:@(\d+)(?:\.(\d+))?)?(?::([\d,-]+))?(?:!(\w+))?$/;

/**
 * Reads how the tasks in a ledger ended, by index.
 *
 * @throws UnreadableRow for a string that this version cannot parse
 */
export function endedIn(ledger: Pick<Row, "pk" | "sk" | "ok" | "bad"> | undefined): Map<number, Ended> {
  const ended = new Map<number, Ended>();
  if (!ledger) return ended;
  for (const element of [...(ledger.ok ?? []), ...(ledger.bad ?? [])]) {
    const [, firstText, lease = "", engine, generation, ranges, name = "ok"] = ELEMENT.exec(element) ?? [];
    const status = ENTRY_STATUSES.find((one) => one === name);
    if (firstText === undefined || status === undefined)
      throw new UnreadableRow(ledger, `its entry ${JSON.stringify(element)} cannot be parsed`);
    const first = Number(firstText);
    const end: Ended = {
      status,
      first,
      lease,
      ...(engine === undefined ? {} : { engine: Number(engine), generation: Number(generation ?? 0) }),
    };
    for (const range of (ranges ?? firstText).split(",")) {
      const [from = 0, to = from + 1] = range.split("-").map(Number);
      for (let index = from; index < to; index++) ended.set(index, end);
    }
  }
  return ended;
}

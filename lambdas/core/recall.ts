import { type IndexRange, mergedRanges } from "../protocol/index-ranges.ts";

/** Hops from one recall to the next: more than tasks can change hands in the life of their job. */
const RECALL_HOPS = 2 ** 20;

/**
 * Tasks that were claimed and never leased, and are queued again above every hop that they have had. Whatever else comes to the queue of
 * them at a lower hop, however late, is void: who claims it reads the job's row after that, and leaves it.
 */
export interface Recall {
  ranges: IndexRange[];
  /** Recalls of a job, from 1: a later one voids what the earlier one queued. */
  number: number;
  /** Whose it is, as the table may be told twice. */
  token: string;
}

/** The recall as it stands on the job's row, among the marks of aborts. */
export function recallMark({ ranges, number, token }: Recall): string {
  return `v${ranges.map(([from, to]) => `${from}-${to}`).join(",")}@${number}~${token}`;
}

/** Claims that a mark is a recall's. */
export function isRecallMark(mark: string): boolean {
  return mark.startsWith("v");
}

/** The recalls among the marks of a row. */
export function parseRecalls(marks: readonly string[] | undefined): Recall[] {
  return (marks ?? []).filter(isRecallMark).map((mark) => {
    const [ranges = "", about = ""] = mark.slice(1).split("@");
    const [number = "", token = ""] = about.split("~");
    return {
      ranges: ranges.split(",").map((range): IndexRange => {
        const [from = 0, to = 0] = range.split("-").map(Number);
        return [from, to];
      }),
      number: Number(number),
      token,
    };
  });
}

/** The hop at which the tasks of a recall are queued again. */
export function hopOfRecall({ number }: Pick<Recall, "number">): number {
  return number * RECALL_HOPS;
}

/** Tasks of which everything at a hop is void. */
export function voidAt(recalls: readonly Recall[], hop: number): IndexRange[] {
  return mergedRanges(recalls.filter((recall) => hop < hopOfRecall(recall)).flatMap(({ ranges }) => ranges));
}

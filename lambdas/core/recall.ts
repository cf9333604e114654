import { type IndexRange, mergedRanges } from "../protocol/index-ranges.ts";

/**
 * Difference between the hops of two consecutive recalls of a job: so large that the tasks of one recall never reach
 * the hop of the next one by changing hands.
 */
const RECALL_HOPS = 2 ** 20;

/**
 * Tasks that were claimed but never leased, and are queued again at a hop above any that they have had. A queue entry
 * at a lower hop no longer yields these tasks, however late it is written: its claimer reads the job's row after the
 * claim, and drops them.
 */
export interface Recall {
  ranges: IndexRange[];
  /** Number of the recall within its job, from 1. A later recall voids queue entries of earlier ones. */
  number: number;
  /** Random, so that the writer recognizes its own recall if the write to the table is repeated. */
  token: string;
}

/** The recall as it is stored in the job's row, among the abort ranges. */
export function recallText({ ranges, number, token }: Recall): string {
  return `v${ranges.map(([from, to]) => `${from}-${to}`).join(",")}@${number}~${token}`;
}

/** Whether a string of the row is a recall. */
export function isRecallText(text: string): boolean {
  return text.startsWith("v");
}

/** Parses the recalls among a row's strings. */
export function parseRecalls(texts: readonly string[] | undefined): Recall[] {
  return (texts ?? []).filter(isRecallText).map((text) => {
    const [ranges = "", about = ""] = text.slice(1).split("@");
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

/** The hop at which the tasks of a recall are requeued. */
export function hopOfRecall({ number }: Pick<Recall, "number">): number {
  return number * RECALL_HOPS;
}

/** The tasks that recalls have voided at this hop. */
export function voidAt(recalls: readonly Recall[], hop: number): IndexRange[] {
  return mergedRanges(recalls.filter((recall) => hop < hopOfRecall(recall)).flatMap(({ ranges }) => ranges));
}

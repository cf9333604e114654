import { type IndexRange, indexesOf } from "../../lambdas/protocol/index-ranges.ts";
import { addUsage, noUsage, type PackedUsage, type Usage, unpackUsage } from "../../lambdas/protocol/usage.ts";

/** The part of an outcome page that records usage; absent if none is recorded. */
interface UsedPage {
  used?: PackedUsage | undefined;
}

/** A job's outcomes. */
interface Outcomes {
  readonly header: { tasks: number } | undefined;
  isFinal(task: number): boolean;
}

/**
 * The usage of ranges of tasks. A page's usage is divided equally among the tasks whose last outcome is in the page.
 * The usage of all tasks of the job is the sum over all pages.
 *
 * @param pageOf index of the page with each task's last outcome
 */
export function tasksUsage(
  pages: readonly UsedPage[],
  pageOf: Readonly<Uint32Array>,
  outcomes: Outcomes,
  ranges: readonly IndexRange[],
): Usage {
  const sum = noUsage();
  const isWhole = ([from, to]: IndexRange) => from === 0 && to === outcomes.header?.tasks;
  const parts = ranges.filter((range) => !isWhole(range));
  const wholes = ranges.length - parts.length;
  if (wholes > 0) for (const { used } of pages) if (used) addUsage(sum, unpackUsage(used), wholes);
  if (parts.length === 0) return sum;
  const all = new Map<number, number>();
  const own = new Map<number, number>();
  const count = (counts: Map<number, number>, task: number) => {
    const page = pageOf[task];
    if (page !== undefined && outcomes.isFinal(task)) counts.set(page, (counts.get(page) ?? 0) + 1);
  };
  for (const task of pageOf.keys()) count(all, task);
  for (const task of indexesOf(parts)) count(own, task);
  for (const [page, tasks] of own) {
    const used = pages[page]?.used;
    if (used) addUsage(sum, unpackUsage(used), tasks / (all.get(page) ?? tasks));
  }
  return sum;
}

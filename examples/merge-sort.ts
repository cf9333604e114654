import { task } from "../client/task.ts";

/**
 * Up to this many numbers, a task does not split them but sorts them itself, so that the overhead stays small compared
 * with the work.
 */
const ENOUGH = 2000;

/**
 * Sorts by divide and conquer: a task submits a task for each half of its numbers, as long as there are many and
 * `depth` allows it.
 */
export async function mergeSort(numbers: readonly number[], depth: number): Promise<number[]> {
  if (depth === 0 || numbers.length <= ENOUGH) return [...numbers].sort((a, b) => a - b);
  const middle = numbers.length >> 1;
  const halves = [numbers.slice(0, middle), numbers.slice(middle)];
  const [left = [], right = []] = await task().view.map(mergeSort, halves, [depth - 1, depth - 1]);
  return merge(left, right);
}

function merge(left: readonly number[], right: readonly number[]): number[] {
  const merged: number[] = [];
  let at = 0;
  for (const number of left) {
    for (let other = right[at]; other !== undefined && other < number; other = right[++at]) merged.push(other);
    merged.push(number);
  }
  return merged.concat(right.slice(at));
}

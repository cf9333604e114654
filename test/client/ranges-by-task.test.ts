import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RangesByTask, type TaskRange } from "../../client/outcomes/ranges-by-task.ts";
import { propertyRuns } from "../property-runs.ts";

const aRange = fc.tuple(fc.nat(12), fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 0, max: 6 })));

/** What a list of ranges answers. */
const inList = (ranges: readonly TaskRange[], task: number) =>
  ranges.filter(({ from, to }) => task >= from && task < to);

describe("ranges of tasks", () => {
  it("ranges are found by task and by range as in a list of them, whatever was added and removed", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(aRange, fc.boolean(), fc.nat(20))), (steps) => {
        const ranges = new RangesByTask();
        const list: TaskRange[] = [];
        for (const [[from, length], removes, which] of steps) {
          const range = { from, to: from + length };
          list.push(range);
          ranges.add(range);
          const gone = removes ? list.splice(which % list.length, 1) : [];
          for (const one of [...gone, ...gone]) ranges.remove(one);
        }
        for (let task = 0; task < 20; task++) {
          const found: TaskRange[] = [];
          ranges.at(task, (range) => found.push(range));
          expect(new Set(found)).toEqual(new Set(inList(list, task)));
          expect(found).toHaveLength(inList(list, task).length);
          for (let past = task + 1; past < 20; past++)
            expect(ranges.meets(task, past)).toBe(list.some(({ from, to }) => from < past && to > task));
        }
        const isAlone = ({ from, to }: TaskRange) => to - from === 1;
        const alone = new Set(list.filter(isAlone).map(({ from }) => from)).size;
        expect(ranges.size).toBe(alone + list.filter((range) => !isAlone(range)).length);
        expect(new Set(ranges.takeAll())).toEqual(new Set(list));
        expect(ranges.size).toBe(0);
      }),
      { numRuns: propertyRuns(100), seed: 7 },
    );
  });

  it("a range added twice is visited once, and a visit may remove others", () => {
    const ranges = new RangesByTask();
    const [one, two] = [
      { from: 3, to: 4 },
      { from: 3, to: 4 },
    ];
    for (const range of [one, one, two]) ranges.add(range);
    const visited: TaskRange[] = [];
    ranges.at(3, (range) => {
      visited.push(range);
      ranges.remove(two);
    });
    expect(visited).toHaveLength(2);
    ranges.at(3, (range) => visited.push(range));
    expect(visited).toHaveLength(3);
  });
});

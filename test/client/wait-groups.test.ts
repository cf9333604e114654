import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WaitGroups } from "../../client/submit/wait-groups.ts";
import { propertyRuns } from "../property-runs.ts";

const parsed = (text: string): { from: number; to: number; on: number }[] => JSON.parse(`[${text}]`);

describe("the wait groups of a job", () => {
  it("consecutive tasks with equal waits form one group", () => {
    const groups = new WaitGroups();
    for (const [task, on] of [
      [2, 7],
      [3, 7],
      [4, 8],
      [6, 8],
    ])
      groups.add(task ?? 0, `{"on":${on}}`);
    expect(groups.first).toBe(2);
    expect(parsed(groups.between(0, 10))).toEqual([
      { from: 2, to: 4, on: 7 },
      { from: 4, to: 5, on: 8 },
      { from: 6, to: 7, on: 8 },
    ]);
    expect(new WaitGroups().first).toBeUndefined();
    expect(new WaitGroups().between(0, 10)).toBe("");
  });

  it("the groups of consecutive ranges have each task's waits once, whatever the ranges", () => {
    const tasks = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(2)), { maxLength: 60 });
    const cuts = fc.array(fc.nat(120), { maxLength: 5 });
    fc.assert(
      fc.property(tasks, cuts, (steps, at) => {
        const groups = new WaitGroups();
        const waits = new Map<number, number>();
        let task = -1;
        for (const [step, on] of steps) {
          task += step;
          waits.set(task, on);
          groups.add(task, `{"on":${on}}`);
        }
        const bounds = [0, ...at.sort((a, b) => a - b), 200];
        const found = new Map<number, number>();
        for (const [from, to] of bounds.slice(1).map((to, index) => [bounds[index] ?? 0, to] as const)) {
          const text = groups.between(from, to);
          for (const group of parsed(text))
            for (let one = group.from; one < group.to; one++) {
              expect(found.has(one)).toBe(false);
              found.set(one, group.on);
            }
        }
        expect(found).toEqual(waits);
        expect(groups.charsBetween(0, 200)).toBeGreaterThanOrEqual(groups.between(0, 200).length);
      }),
      { numRuns: propertyRuns(100), seed: 7 },
    );
  });
});

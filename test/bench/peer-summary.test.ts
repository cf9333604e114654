import { describe, expect, it } from "vitest";
import { median } from "../../bench/median.ts";
import { turns } from "../../bench/peers/compare.ts";
import { COMPARED, choose, planOf } from "../../bench/peers/compared-workloads.ts";
import { type Measurement, summarize, timesBetter } from "../../bench/peers/summary.ts";
import type { System } from "../../bench/peers/systems.ts";

const rateOf = (system: string, repetition: number, value: number): Measurement => ({
  system,
  workload: "W1",
  repetition,
  figures: { tasks_per_s: value },
});

const aSystem = (name: string, without: Record<string, string> = {}): System => ({
  name,
  without,
  install: async () => undefined,
  command: [],
  notes: [],
});

describe("the summary of a comparison", () => {
  it("the median is the middle value, or the mean of the two middle values", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
    expect(median([])).toBeNaN();
  });

  it("a ratio is above 1 if fantail is better, whether higher or lower values are better", () => {
    expect(timesBetter(300, 100, "higher")).toBe(3);
    expect(timesBetter(2, 8, "lower")).toBe(4);
  });

  it("the summary has medians, ranges, the ratio of the medians, and the range of the repetitions' ratios", () => {
    const [summary] = summarize(choose("workload", COMPARED, "W1"), [
      ...[300, 100, 200].map((value, at) => rateOf("fantail", at + 1, value)),
      ...[10, 50, 20].map((value, at) => rateOf("dask", at + 1, value)),
    ]);
    expect(summary?.systems).toEqual({
      fantail: { median: 200, min: 100, max: 300, values: [300, 100, 200] },
      dask: { median: 20, min: 10, max: 50, values: [10, 50, 20] },
    });
    expect(summary?.ratios).toEqual({ dask: { ofMedians: 10, min: 2, max: 30 } });
  });

  it("figures are compared within a repetition, and a failed run is compared with none", () => {
    const runs = [rateOf("fantail", 2, 100), rateOf("dask", 1, 10), rateOf("dask", 2, 50)];
    const [summary] = summarize(choose("workload", COMPARED, "W1"), runs);
    expect(summary?.ratios).toEqual({ dask: { ofMedians: 100 / 30, min: 2, max: 100 / 30 } });
  });

  it("the summary has no ratios without fantail, and no figures of workloads that were not run", () => {
    const [w1, w2] = summarize(choose("workload", COMPARED, "W1,W2"), [rateOf("dask", 1, 10)]);
    expect(w1?.ratios).toEqual({});
    expect(w2?.systems).toEqual({});
  });
});

describe("the choice of systems and workloads", () => {
  it("everything is chosen by default, and named entries in the order of the table", () => {
    expect(choose("workload", COMPARED)).toBe(COMPARED);
    expect(choose("workload", COMPARED, "W3, W1").map(({ name }) => name)).toEqual(["W1", "W3"]);
  });

  it("an unknown name is refused, and the error lists the known names", () => {
    expect(() => choose("peer", [{ name: "dask" }, { name: "bullmq" }], "dask,celery")).toThrow(
      new RangeError('unknown peer "celery": choose from dask, bullmq'),
    );
  });

  it("a trial limits the number of tasks, except in workloads of a fixed size", () => {
    const sizes = (limit?: number) => COMPARED.map((workload) => [workload.name, planOf(workload, 2, limit).n]);
    expect(Object.fromEntries(sizes())).toMatchObject({ W1: 10_000, W3: 300, W7: 200, W9: 10, W12: 5000 });
    expect(Object.fromEntries(sizes(50))).toMatchObject({ W1: 50, W3: 50, W7: 200, W9: 10, W12: 50 });
  });

  it("every driver gets the same sleeps and the same graph", () => {
    const planned = (name: string) => choose("workload", COMPARED, name).map((workload) => planOf(workload, 2));
    expect(planned("W4")[0]?.sleeps).toHaveLength(400);
    expect(planned("W6s")[0]?.parents).toHaveLength(1000);
    expect(planned("W4")).toEqual(planned("W4"));
  });

  it("each workload runs on all systems that can run it, in reverse order in every other repetition", () => {
    const systems = [aSystem("a"), aSystem("b", { W2: "it cannot" }), aSystem("c")];
    const order = turns(systems, choose("workload", COMPARED, "W1,W2"), 2);
    expect(order.map(({ repetition, workload, system }) => `${repetition} ${workload.name} ${system.name}`)).toEqual([
      ...["1 W1 a", "1 W1 b", "1 W1 c", "1 W2 a", "1 W2 c"],
      ...["2 W1 c", "2 W1 b", "2 W1 a", "2 W2 c", "2 W2 a"],
    ]);
  });
});

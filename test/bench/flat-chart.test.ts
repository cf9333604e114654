import { describe, expect, it } from "vitest";
import { flatChart } from "../../bench/flat/flat-chart.ts";
import { cpuSpread, type FlatResults, rateSpread } from "../../bench/flat/flat-results.ts";

const point = (n: number, engines: number, tasksPerS: number, cpuMsPerTask: number) => ({
  n,
  engines,
  tasksPerS,
  cpuMsPerTask,
  runs: [{ tasksPerS, cpuMsPerTask }],
  cpuMsByProcess: {},
  peakRssMb: {},
});

const results = (changes: Partial<FlatResults> = {}): FlatResults => ({
  date: "2026-11-30T00:00:00.000Z",
  commit: "abc1234",
  machine: { cpu: "A <CPU>", cores: 2, memoryGb: 8, system: "linux", node: "v20", loadBefore: 0 },
  versions: {},
  seconds: 1,
  byEngines: [point(100_000, 1, 9000, 0.1), point(100_000, 16, 8000, 0.125)],
  byTasks: [point(1000, 2, 500, 1), point(10_000, 2, 8000, 0.1), point(100_000, 2, 10_000, 0.1)],
  piscina: [{ n: 1000, tasksPerS: 30_000, runs: [30_000] }],
  ...changes,
});

describe("the chart of more engines and larger maps", () => {
  it("the spread of the rate leaves out small maps, and that of the CPU time has all points", () => {
    expect(rateSpread(results())).toBe(1.25);
    expect(cpuSpread(results())).toBe(1.25);
    expect(rateSpread({ byTasks: [] })).toBeNaN();
  });

  it("the chart of more engines and larger maps has a mark for each point, and escapes its texts", () => {
    const svg = flatChart(results());
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg.match(/<circle /g)).toHaveLength(5);
    expect(svg).toContain("A &lt;CPU&gt;");
    expect(svg).toContain("<title>100k: 10k</title>");
    expect(svg).not.toContain("NaN");
  });

  it("the chart of more engines and larger maps can be drawn without any point", () => {
    const svg = flatChart(results({ byEngines: [], byTasks: [], piscina: [] }));
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it("the chart of more engines and larger maps has its own background in dark mode too", () => {
    expect(flatChart(results())).toMatch(/prefers-color-scheme:dark\)\{text\{fill:#f0f6fc\}\.page\{fill:#0d1117\}/);
  });
});

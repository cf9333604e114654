import { describe, expect, it } from "vitest";
import { chart } from "../../bench/peers/chart.ts";
import { COMPARED, choose } from "../../bench/peers/compared-workloads.ts";
import type { Results } from "../../bench/peers/results.ts";
import { summarize } from "../../bench/peers/summary.ts";
import { table } from "../../bench/peers/table.ts";

const runs = [
  ["fantail", 1000],
  ["ipyparallel", 50],
  ["dask", 4000],
] as const;

const results = (changes: Partial<Results> = {}): Results => ({
  date: "2026-11-30T00:00:00.000Z",
  commit: "abc1234",
  machine: { cpu: "A CPU", cores: 2, memoryGb: 8, system: "linux", node: "v20", python: "Python 3", loadBefore: 0 },
  engines: 2,
  repetitions: 1,
  versions: { dask: "1.2.3" },
  notes: {},
  notInstalled: { restate: "no network" },
  notRun: { dask: { W8: "it has no imap" } },
  failures: [{ system: "bullmq", workload: "W1", repetition: 1, reason: "a result is wrong" }],
  metrics: summarize(
    choose("workload", COMPARED, "W1"),
    runs.map(([system, value]) => ({ system, workload: "W1", repetition: 1, figures: { tasks_per_s: value } })),
  ),
  cpuMsPerTask: {},
  ...changes,
});

/** Returns the names of the open elements after each tag. Understands only the XML that the chart may contain. */
function openElements(svg: string): string[] {
  const open: string[] = [];
  for (const [, closing, name = "", attributes = "", empty] of svg.matchAll(/<(\/?)([a-z]+)([^<>]*?)(\/?)>/g)) {
    expect(attributes).toMatch(/^(?: [\w:-]+="[^"&<]*")*$/);
    if (closing) expect(open.pop()).toBe(name);
    else if (!empty) open.push(name);
  }
  return open;
}

describe("the chart of the peers", () => {
  it("the chart is well-formed, and has a symbol for each measured peer", () => {
    const svg = chart(results());
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(openElements(svg)).toEqual([]);
    expect(svg.replaceAll(/<[^<>]*>/g, "")).not.toMatch(/[<>]/);
    expect(svg).toContain("ipyparallel: 20 times");
    expect(svg).toContain("dask: 0.25 times");
    expect(svg).not.toContain("bullmq: ");
  });

  it("the chart escapes its texts", () => {
    const svg = chart(results({ machine: { ...results().machine, cpu: `<b> & "c" 'd'` } }));
    expect(svg).toContain("&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
    expect(openElements(svg)).toEqual([]);
  });

  it("the chart has its own background in dark mode too", () => {
    expect(chart(results())).toMatch(/prefers-color-scheme:dark\)\{text\{fill:#f0f6fc\}\.page\{fill:#0d1117\}/);
  });

  it("the chart places better results to the right of 1", () => {
    const svg = chart(results());
    const one = Number(/class="one" x1="([\d.]+)"/.exec(svg)?.[1]);
    expect(Number(/<circle cx="([\d.]+)" cy="1/.exec(svg)?.[1])).toBeGreaterThan(one);
  });

  it("the chart can be drawn without any ratio", () => {
    expect(openElements(chart(results({ metrics: [] })))).toEqual([]);
  });
});

describe("the printed table", () => {
  it("the printed table lists systems that could not be installed, and runs that were skipped or failed", () => {
    const lines = table(results());
    expect(lines).toContain("  ipyparallel        50 (50 to 50)  fantail 20 x (20 to 20)");
    expect(lines).toContain("restate could not be installed: no network");
    expect(lines).toContain("W8 not on dask: it has no imap");
    expect(lines).toContain("W1 failed on bullmq, repetition 1: a result is wrong");
  });
});

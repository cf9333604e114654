import { test } from "vitest";
import { AWS_FIGURES, type LatencyFigure } from "../../client/local/latency/aws-figures.ts";
import { expectGeneratedPart } from "./generated-part.ts";

/** Returns the figures as a table, with their sources as numbered notes. */
function latencyTable(): string {
  const sources: string[] = [];
  const noted = (value: number, source: string) => {
    if (!sources.includes(source)) sources.push(source);
    return `${value} (${sources.indexOf(source) + 1})`;
  };
  const rows = Object.values<LatencyFigure>(AWS_FIGURES).map(
    ({ label, medianMs, p99Ms, medianFrom, p99From, mbPerSecond, mbPerSecondFrom = "" }) => [
      label,
      noted(medianMs, medianFrom),
      noted(p99Ms, p99From),
      mbPerSecond === undefined ? "" : noted(mbPerSecond, mbPerSecondFrom),
    ],
  );
  return [
    "| call | median, ms | 99th percentile, ms | then, MB/s |",
    "| --- | --- | --- | --- |",
    ...rows.map((cells) => `| ${cells.join(" | ")} |`),
    "",
    ...sources.map((source, at) => `${at + 1}. ${source}`),
  ].join("\n");
}

test("the table of latencies matches the code", () => {
  expectGeneratedPart("docs/testing.md", "latencies", latencyTable());
});

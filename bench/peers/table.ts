import { shortly } from "./compare.ts";
import type { Results } from "./results.ts";
import { OURS } from "./summary.ts";

/**
 * Returns the results as lines of text: for each figure, each system's median and range, and how many times better
 * fantail is.
 */
export function table({ metrics, notInstalled, notRun, failures }: Results): string[] {
  const lines = metrics.flatMap(({ title, unit, systems, ratios }) => [
    "",
    `${title}, ${unit}`,
    ...Object.entries(systems).map(([system, { median, min, max }]) => {
      const ratio = ratios[system];
      const times = ratio
        ? `  ${OURS} ${shortly(ratio.ofMedians)} x (${shortly(ratio.min)} to ${shortly(ratio.max)})`
        : "";
      return `  ${system.padEnd(11)} ${shortly(median).padStart(9)} (${shortly(min)} to ${shortly(max)})${times}`;
    }),
  ]);
  const without = Object.entries(notRun).flatMap(([system, reasons]) =>
    Object.entries(reasons).map(([workload, reason]) => `${workload} not on ${system}: ${reason}`),
  );
  const missing = Object.entries(notInstalled).map(([system, reason]) => `${system} could not be installed: ${reason}`);
  const failed = failures.map(
    ({ system, workload, repetition, reason }) =>
      `${workload} failed on ${system}, repetition ${repetition}: ${reason}`,
  );
  return [...lines, "", ...without, ...missing, ...failed];
}

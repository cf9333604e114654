import { departures } from "./departures.ts";
import type { FidelityTarget } from "./fidelity-cloud.ts";
import { probes } from "./probes/index.ts";
import { STAND_INS, SYMBOLS } from "./stand-ins.ts";

type Column = FidelityTarget["column"];
/** Observed behavior, by column and row. */
export type Cells = Partial<Record<Column, Record<string, string>>>;

const HEADINGS: Record<Column, string> = { embedded: "embedded", ministack: "MiniStack", localstack: "LocalStack" };

/**
 * Returns the table as Markdown: the behavior of AWS and of each cloud, followed by AWS's documents. A cell equal to
 * AWS's says `same`.
 *
 * @param observed replaces what the tests expect
 */
export function fidelityTable(observed: Cells = {}): string {
  const columns = Object.keys(HEADINGS) as Column[];
  const cell = (column: Column, row: string, aws: string) => {
    const known = departures[column];
    const text = observed[column]?.[row] ?? (known ? (known[row] ?? aws) : "not run here");
    const symbol = column === "localstack" && known ? SYMBOLS[row] : undefined;
    return [text === aws ? "same" : text, symbol].filter((part) => part !== undefined).join(" ");
  };
  const sources = [...new Set(probes.map(({ source }) => source))];
  const rows = probes.map(({ row, aws, source }) => [
    row,
    `[${aws}][${sources.indexOf(source) + 1}]`,
    ...columns.map((column) => cell(column, row, aws)),
  ]);
  const head = ["limit or behavior", "AWS", ...columns.map((column) => HEADINGS[column])];
  const table = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  const notes = departures.localstack
    ? ["", ...Object.entries(STAND_INS).map(([symbol, label]) => `${symbol} ${label}.  `)]
    : [];
  return [...table, ...notes, "", ...sources.map((source, at) => `[${at + 1}]: ${source}`)].join("\n");
}

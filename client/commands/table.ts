import { cell } from "./printable.ts";

/** Formats a table as lines with aligned columns. A cell never spans lines. */
export function table(head: string[], cells: string[][]): string[] {
  const rows = cells.map((row) => row.map(cell));
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

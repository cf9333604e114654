import { displayWidth, padded, shortened } from "./display-width.ts";
import { cell } from "./printable.ts";
import { type SafeLine, type Style, terminal } from "./terminal.ts";

/** A column of a table. */
export interface Column {
  title: string;
  /**
   * What to do if the table is wider than the terminal: give the cells a shorter form, or cut them, down to `least`.
   * Columns with a lower `rank` are narrowed first. Default: the column keeps its width.
   */
  narrow?: { rank: number } & ({ least: number } | { short: (texts: readonly string[]) => string[] });
  /** Color of a cell, by its text. Default: none. */
  style?: (text: string) => Style | undefined;
}

const GAP = "  ";

/**
 * Formats a table as lines with aligned columns, narrowed to fit the terminal as far as possible. A cell never spans
 * lines.
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): SafeLine[] {
  const texts = columns.map((_, at) => rows.map((row) => cell(row[at] ?? "")));
  const widths = columns.map(({ title }, at) => widest(title, texts[at] ?? []));
  fit(columns, texts, widths);
  const head = columns.map(({ title }, at) => terminal.style("bold", padded(shortened(title, width(at)), width(at))));
  return [
    head,
    ...rows.map((_, row) => columns.map((column, at) => shown(column, texts[at]?.[row] ?? "", width(at)))),
  ].map((line) => ({ safe: line.join(GAP).trimEnd() }));

  function width(at: number): number {
    return widths[at] ?? 0;
  }
}

function shown({ style }: Column, text: string, width: number): string {
  return terminal.style(style?.(text), padded(shortened(text, width), width));
}

/** Narrows columns until the table fits the terminal, or no column can be narrowed further. */
function fit(columns: readonly Column[], texts: string[][], widths: number[]): void {
  const { columns: most = Number.POSITIVE_INFINITY } = terminal;
  const excess = () => widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1)) - most;
  const ranked = columns
    .map((column, at) => ({ ...column, at }))
    .filter(({ narrow }) => narrow)
    .sort((a, b) => (a.narrow?.rank ?? 0) - (b.narrow?.rank ?? 0));
  for (const { title, narrow, at } of ranked) {
    if (excess() <= 0 || !narrow) return;
    if ("short" in narrow) {
      texts[at] = narrow.short(texts[at] ?? []);
      widths[at] = widest(title, texts[at]);
    } else widths[at] = Math.max(Math.min(narrow.least, widths[at] ?? 0), (widths[at] ?? 0) - excess());
  }
}

function widest(title: string, texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, displayWidth(text)), displayWidth(title));
}

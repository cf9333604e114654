/**
 * Number of colors for names in a timeline: one for each of the first names, and the last one for all others. Each
 * contrasts with the background by at least 4.5 to 1, and none is like `--bad`, the color of failures.
 */
export const COLORS = 8;

const LIGHT = ["#2458d3", "#0b7a53", "#a04b06", "#7438d6", "#0b7285", "#4f6f0b", "#8a4f37", "#5f6672"];
const DARK = ["#7fa4ff", "#4cc78d", "#f0a552", "#b99dff", "#4bc3db", "#a7cf55", "#d6a287", "#a9b0bc"];

/** The rules that define the colors for an element: light, and dark where the reader prefers it. */
export function colorRules(selector: string): string {
  const light = rules(selector, LIGHT, {
    ...{ page: "#ffffff", panel: "#f4f5f7", line: "#c9ced6", text: "#171a1f", faint: "#555c67" },
    ...{ bad: "#c2182b", idle: "#e9ebef", focus: "#0b57d0", on: "#ffffff" },
  });
  const dark = rules(selector, DARK, {
    ...{ page: "#14171c", panel: "#1d2128", line: "#3b424d", text: "#eceef2", faint: "#a4acb8" },
    ...{ bad: "#ff7b7b", idle: "#22272f", focus: "#8ab4ff", on: "#101318" },
  });
  return `${light}@media (prefers-color-scheme:dark){${dark}}`;
}

function rules(selector: string, names: readonly string[], others: Record<string, string>): string {
  const numbered = names.map((color, at) => `--c${at}:${color}`);
  return `${selector}{${[...numbered, ...Object.entries(others).map(([name, color]) => `--${name}:${color}`)].join(";")}}`;
}

/** The number of the color of a name, given the name's place in the order by number of runs. */
export function colorOf(name: number): number {
  return Math.min(name, COLORS - 1);
}

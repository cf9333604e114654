import { PassThrough } from "node:stream";
import { WriteStream } from "node:tty";
import { afterEach, expect, test } from "vitest";
import { displayWidth, shortened } from "../../client/commands/display-width.ts";
import { ago, duration } from "../../client/commands/durations.ts";
import { shortIds } from "../../client/commands/short-ids.ts";
import { type Column, table } from "../../client/commands/table.ts";
import { withStreams } from "../../client/commands/terminal.ts";

const { NO_COLOR, FORCE_COLOR } = process.env;
afterEach(() => {
  for (const [name, value] of Object.entries({ NO_COLOR, FORCE_COLOR }))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
});

const COLUMNS: Column[] = [
  { title: "JOB", narrow: { rank: 1, short: shortIds } },
  { title: "STATE", style: () => "red" },
  { title: "LABEL", narrow: { rank: 2, least: 5 } },
];
const JOB = "01KB8M4Q3D7Z9V5XW2T6R8N1PA";

/** Lines of a table for a terminal of some columns, or for a pipe. */
async function lines(rows: string[][], columns?: number): Promise<string[]> {
  const stdout = Object.assign(
    new PassThrough(),
    columns === undefined ? {} : { isTTY: true, columns, getColorDepth: WriteStream.prototype.getColorDepth },
  );
  return withStreams({ stdout, stderr: stdout }, async () => table(COLUMNS, rows).map(({ safe }) => safe));
}

test("a table keeps its whole cells in a pipe, and on a terminal narrows the least important columns first", async () => {
  process.env.NO_COLOR = "1";
  delete process.env.FORCE_COLOR;
  const rows = [[JOB, "done", "a nightly report of sums"]];
  expect((await lines(rows))[1]).toBe(`${JOB}  done   a nightly report of sums`);
  expect((await lines(rows, 80))[1]).toBe(`${JOB}  done   a nightly report of sums`);
  expect((await lines(rows, 50))[1]).toBe("01KB8M4Q3D7Z  done   a nightly report of sums");
  expect((await lines(rows, 36))[1]).toBe("01KB8M4Q3D7Z  done   a nightly repo…");
  expect((await lines(rows, 10))[1]).toBe("01KB8M4Q3D7Z  done   a ni…");
});

test("wide characters take two columns", async () => {
  process.env.NO_COLOR = "1";
  expect(displayWidth("日本語🎉e\u0301")).toBe(9);
  expect(shortened("日本語", 4)).toBe("日…");
  const [, wide = "", narrow = ""] = await lines([
    ["1", "ok", "日本語"],
    ["1", "ok", "report"],
  ]);
  expect(displayWidth(wide)).toBe(displayWidth(narrow));
});

test.each([
  ["a terminal", { FORCE_COLOR: undefined, NO_COLOR: undefined }, 80, true],
  ["a pipe", { FORCE_COLOR: undefined, NO_COLOR: undefined }, undefined, false],
  ["a terminal, with NO_COLOR", { FORCE_COLOR: undefined, NO_COLOR: "1" }, 80, false],
  ["a pipe, with FORCE_COLOR", { FORCE_COLOR: "1", NO_COLOR: undefined }, undefined, true],
])("colours on %s", async (_, variables, columns, isColoured) => {
  for (const [name, value] of Object.entries(variables))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  const [, line = ""] = await lines([["1", "ok", "a"]], columns);
  expect(line.includes("\x1b[31m")).toBe(isColoured);
});

test("shortened ids are unique among those listed, and keep a task's index", () => {
  const other = `${JOB.slice(0, 20)}AAAAAA`;
  expect(shortIds([JOB])).toEqual([JOB.slice(0, 12)]);
  expect(shortIds([`${JOB}.7`, `${JOB}.8`, other])).toEqual([
    `${JOB.slice(0, 21)}.7`,
    `${JOB.slice(0, 21)}.8`,
    other.slice(0, 21),
  ]);
});

test("durations have at most two units", () => {
  expect([-5, 0, 850, 3250, 250_000, 7_500_000, 273_600_000].map(duration)).toEqual([
    ...["0ms", "0ms", "850ms", "3.2s", "4m 10s", "2h 5m", "3d 4h"],
  ]);
  const ages = [-9, 12_000, 60_000, 7_200_000, 259_200_000].map((ms) => ago(new Date(0), ms));
  expect(ages).toEqual(["0s ago", "12s ago", "1m ago", "2h ago", "3d ago"]);
});

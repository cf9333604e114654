import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fidelityTable } from "../fidelity/fidelity-table.ts";

const lines = readFileSync(new URL("../../README.md", import.meta.url), "utf8")
  .split("\n")
  .map(unpadded);
const table = fidelityTable().split("\n").map(unpadded);
const isThere = lines.includes(table[0] ?? "");
if (!isThere) console.warn("\nSKIPPED: the README has no table of what each cloud does at AWS's limits\n");

test.skipIf(!isThere)(
  "the README's table of what each cloud does at AWS's limits is the one that the tests assert",
  () => {
    const from = lines.indexOf(table[0] ?? "");
    expect(lines.slice(from, from + table.length)).toEqual(table);
  },
);

/** Without the spaces and dashes that the formatter adds. */
function unpadded(line: string): string {
  return line.replaceAll(/ +\|/g, " |").replaceAll(/-{3,}/g, "---");
}

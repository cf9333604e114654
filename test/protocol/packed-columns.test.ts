import { expect, test } from "vitest";
import type { Entry } from "../../lambdas/protocol/outcome-page.ts";
import { packColumns, unpackColumns } from "../../lambdas/protocol/packed-columns.ts";

const received = 1_700_000_000_000;

function anEntry(index: number, more: Partial<Entry> = {}): Entry {
  const times = { started: received - 100 + index, completed: received - 99 + index };
  return { index, attempt: 1, status: "ok", final: true, ...times, ...more };
}

function packed(entries: Entry[]) {
  return packColumns({ revoked: false, received, entries });
}

test("entries are read as they were packed, with the phases of those that have any", () => {
  const entries = [
    anEntry(7, { phases: { cold: 350, fetched: 12 } }),
    anEntry(8, { value: "J1" }),
    anEntry(9, { phases: { parked: [[1, 40]] } }),
  ];
  const columns = packed(entries);
  expect(columns?.w).toEqual([
    [0, [350, 12]],
    [2, [0, 0, 1, 40]],
  ]);
  const read: Entry[] = [anEntry(0)];
  unpackColumns(JSON.parse(JSON.stringify(columns)), received, read);
  expect(read.slice(1)).toEqual(entries);
});

test("phases take no room if no part took a millisecond", () => {
  expect(packed([anEntry(0, { phases: { fetched: 0.5 } }), anEntry(1)])).not.toHaveProperty("w");
});

test("pages with failures, retries, output or gaps are not plain", () => {
  for (const more of [{ attempt: 2 }, { status: "error" as const }, { final: false }, { stdout: "x" }, { index: 3 }])
    expect(packed([anEntry(0), anEntry(1, more)])).toBeUndefined();
  expect(packed([])).toBeUndefined();
});

test("damaged phases are refused", () => {
  const columns = packed([anEntry(0)]);
  for (const w of [7, [[1, [1, 2]]], [[0, [1]]], [[0, "x"]], [0]])
    expect(() => unpackColumns({ ...columns, w }, received, [])).toThrow(/phases/);
});

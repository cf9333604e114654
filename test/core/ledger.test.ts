import { describe, expect, test } from "vitest";
import { endedIn, ledgerShares } from "../../lambdas/core/ledger.ts";
import type { Entry, OutcomePage } from "../../lambdas/protocol/outcome-page.ts";

const key = { pk: "job#A#0", sk: "e" };

function anEntry(index: number, change: Partial<Entry> = {}): Entry {
  return { index, attempt: 1, status: "ok", final: true, started: 1, completed: 2, ...change };
}

function aPage(entries: Entry[], change: Partial<OutcomePage> = {}) {
  return { engine: 3, generation: 2, entries, ...change };
}

describe("a page's share in the ledgers of its job", () => {
  test.each<[string, Pick<OutcomePage, "engine" | "generation" | "entries">, unknown]>([
    ["omits the index of a single task", aPage([anEntry(5)]), [{ bucket: 0, ok: ["5.0@3.2"], bad: [] }]],
    [
      "of several names ranges",
      aPage([5, 6, 7, 9].map((index) => anEntry(index))),
      [{ bucket: 0, ok: ["5.0@3.2:5-8,9"], bad: [] }],
    ],
    [
      "tells failures with their status",
      aPage([anEntry(5, { status: "error" })]),
      [{ bucket: 0, ok: [], bad: ["5.0@3.2!error"] }],
    ],
    [
      "names no engine for what never ran",
      aPage([anEntry(5, { status: "aborted", started: undefined })]),
      [{ bucket: 0, ok: [], bad: ["5.0!aborted"] }],
    ],
    [
      "names the engine under which a task was lost",
      aPage([anEntry(5, { status: "lost", started: undefined })], { generation: 0 }),
      [{ bucket: 0, ok: [], bad: ["5.0@3!lost"] }],
    ],
    ["omits attempts after which another follows", aPage([anEntry(5, { final: false })]), []],
    [
      "is cut at the end of a bucket",
      aPage([anEntry(999), anEntry(1000)]),
      [
        { bucket: 0, ok: ["5.0@3.2:999"], bad: [] },
        { bucket: 1, ok: ["5.0@3.2:1000"], bad: [] },
      ],
    ],
  ])("a page's share in a ledger %s", (_, page, shares) => {
    expect(ledgerShares(page, 5, "0")).toEqual(shares);
  });
});

describe("the content of a ledger", () => {
  test("a ledger records how and where each task ended, and in which page", () => {
    const ended = endedIn({ ...key, ok: ["5.0@3.2:5-7,9"], bad: ["8.1@4!error", "2.a!aborted"] });
    expect([...ended].sort(([a], [b]) => a - b)).toEqual([
      [2, { status: "aborted", first: 2, lease: "a" }],
      [5, { status: "ok", first: 5, lease: "0", engine: 3, generation: 2 }],
      [6, { status: "ok", first: 5, lease: "0", engine: 3, generation: 2 }],
      [8, { status: "error", first: 8, lease: "1", engine: 4, generation: 0 }],
      [9, { status: "ok", first: 5, lease: "0", engine: 3, generation: 2 }],
    ]);
  });

  test("a ledger's content is read from the texts that pages added", () => {
    const page = aPage([anEntry(5), anEntry(6, { status: "timeout", started: undefined }), anEntry(7)]);
    const [share] = ledgerShares(page, 5, "4");
    const ended = endedIn({ ...key, ...share });
    expect([5, 6, 7].map((index) => ended.get(index)?.status)).toEqual(["ok", "timeout", "ok"]);
    expect(ended.get(6)?.engine).toBeUndefined();
  });

  test("a ledger without a row is empty", () => {
    expect(endedIn(undefined).size).toBe(0);
    expect(endedIn(key).size).toBe(0);
  });

  test.each(["what", "5.0@3!paused", "-1.0"])(
    "a ledger with the malformed text %s is rejected with the row's key",
    (text) => {
      expect(() => endedIn({ ...key, bad: [text] })).toThrow(expect.objectContaining({ code: "UnreadableRow", key }));
    },
  );
});

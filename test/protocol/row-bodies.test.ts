import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jobRow } from "../../lambdas/protocol/job-row.ts";
import { listedJobRow } from "../../lambdas/protocol/listed-job.ts";
import { namedValueRow } from "../../lambdas/protocol/named-value.ts";
import type { OutcomePage } from "../../lambdas/protocol/outcome-page.ts";
import { outputRow } from "../../lambdas/protocol/output-so-far.ts";
import { packOutcomePage, unpackOutcomePage } from "../../lambdas/protocol/packed-page.ts";
import { resubmissionLink } from "../../lambdas/protocol/resubmission-link.ts";
import type { BodyRow } from "../../lambdas/protocol/row-body.ts";
import { specPageRow } from "../../lambdas/protocol/spec-page-row.ts";
import { UnreadableRow } from "../../lambdas/protocol/unreadable-row.ts";
import { encodeWaitPage, parseWaitPage } from "../../lambdas/protocol/wait-page.ts";
import { dueBody } from "../../lambdas/scheduler/rows/due-rows.ts";
import { engineBody } from "../../lambdas/scheduler/rows/engine-body.ts";
import { openJobRow } from "../../lambdas/scheduler/rows/open-job.ts";
import { queueEntryBody } from "../../lambdas/scheduler/rows/queue-entry-body.ts";
import { aJob, jobId } from "../simulation/a-job.ts";

const key = { pk: "job#01", sk: "something" };
const lease = {
  job: jobId(1),
  ranges: [{ from: 3, to: 9, attempt: 2 }],
  hop: 4,
  queued: 5.25,
  queue: "any",
  priority: -1,
};
const entry = { job: jobId(1), queue: "pool:gpu", priority: 0, queued: 7, tasks: 6, specBytes: 12 };
const requeued = { ...entry, scheme: "lru" as const, requeued: { ranges: lease.ranges, hop: 1, atMost: 2, avoid: 3 } };
const session = { id: "s".repeat(22), nonce: "n".repeat(22), seq: 1, invoked: 8, tries: 1, until: 9, heard: 10 };
const engine = {
  ...{ pool: "engines", assigned: 1.002, session, leases: [{ ...lease, alone: true }], parked: [lease] },
  ...{
    linked: true as const,
    tags: ["ab"],
    resting: { times: 1, until: 2 },
    queues: ["pool:gpu"],
    closed: true,
    generation: 1,
    completed: 7,
  },
};
const error = { code: "RemoteError", ename: "TypeError", evalue: "no", traceback: "at f", memory: true } as const;
const packed = { pack: "p".repeat(22), at: 0, bytes: 9, sum: "s".repeat(22) };
const plain: OutcomePage = {
  ...{ engine: 2, pool: "engines", generation: 1, revoked: false, received: 1000 },
  entries: [
    { index: 5, attempt: 1, status: "ok", final: true, started: 990, completed: 995, value: "J1" },
    { index: 6, attempt: 1, status: "ok", final: true, started: 995, completed: 999 },
    { index: 7, attempt: 1, status: "ok", final: true, started: 995, completed: 999, value: packed },
    { index: 8, attempt: 1, status: "ok", final: true, started: 995, completed: 999, value: { ...packed, at: 9 } },
  ],
};
const mixed: OutcomePage = {
  ...{ engine: undefined, pool: undefined, revoked: true, received: 1000, running: [[8, 9]], next: 12 },
  used: [1, 2.5],
  entries: [
    { index: 5, attempt: 2, status: "error", final: false, error, due: 2000, up: "large" },
    {
      index: 6,
      attempt: 1,
      status: "ok",
      final: true,
      value: { blob: "a".repeat(64), bytes: 9 },
      stdout: "hi",
      stderr: "",
    },
  ],
};

/** A row of each kind, and the function that reads it. */
const KINDS: [string, string, (row: BodyRow) => unknown, unknown][] = [
  ["a page of successes", packOutcomePage(plain), unpackOutcomePage, plain],
  ["a page of other outcomes", packOutcomePage(mixed), unpackOutcomePage, mixed],
  kind("a job", jobRow, aJob(1, 1_800_000_000_000, { flags: { retries: 1 } }).header),
  kind("a spec page", specPageRow, {
    functions: [{ code: "a".repeat(64), at: "table", name: "f" }],
    tasks: [
      [0, "J[]"],
      [0, ["J1", { result: [[jobId(1), 0, 1]] }]],
      [0, [{ blob: "a".repeat(64), bytes: 9 }, packed, { value: packed, results: [{ result: [[jobId(1), 0, 1]] }] }]],
      [0, packed],
    ],
  }),
  kind("a queue entry of a cursor", queueEntryBody, entry),
  kind("a queue entry of requeued tasks", queueEntryBody, requeued),
  kind("a queue entry that is due", dueBody, { type: "queue", entry: requeued }),
  kind("an expiry", dueBody, { type: "expire", job: jobId(1), queue: "any" }),
  kind("a cascade", dueBody, { type: "cascade", job: jobId(1), first: 3, lease: "0" }),
  kind("an engine", engineBody, engine),
  kind("an open job", openJobRow, { seen: 1, ended: [[0, 1]], lost: [{ at: 4, ranges: [[2, 3]] }] }),
  kind("a job of a day", listedJobRow, { tasks: 4, label: "x", client: "c" }),
  kind("a link to a resubmission", resubmissionLink, { ranges: [[0, 4]] }),
  kind("output so far", outputRow, { attempt: 1, stdout: "a", stderr: "b" }),
  kind("a pushed value", namedValueRow, { fn: { code: "a".repeat(64), at: "table", name: "f" } }),
  [
    "wait groups",
    encodeWaitPage([
      JSON.stringify({ from: 0, to: 2, after: [{ on: [["", 3, 4]], all: true, success: true, failure: false }] }),
    ]),
    parseWaitPage,
    [{ from: 0, to: 2, after: [{ on: [["", 3, 4]], all: true, success: true, failure: false }] }],
  ],
];

function kind<T>(
  name: string,
  codec: { encode(value: T): string; parse(row: BodyRow): T },
  value: T,
): [string, string, (row: BodyRow) => unknown, T] {
  return [name, codec.encode(value), codec.parse, value];
}

/** Returns the result of reading a body, or its UnreadableRow. Rethrows any other error. */
function outcomeOf(parse: (row: BodyRow) => unknown, body: string): unknown {
  try {
    return parse({ ...key, body });
  } catch (thrown) {
    if (!(thrown instanceof UnreadableRow)) throw thrown;
    expect(thrown.key).toEqual(key);
    return thrown;
  }
}

/** Returns the content with one place changed, as `draw` decides. */
function damaged(content: unknown, draw: (choices: number) => number): unknown {
  const junk = [undefined, null, -1, 1.5, "junk", [], {}, true, [[1, 2, 3]]];
  const inside = typeof content === "object" && content !== null ? Object.entries(content) : [];
  if (inside.length === 0 || draw(3) === 0) return junk[draw(junk.length)];
  const at = draw(inside.length);
  const changed = inside.map(([name, value], place): [string, unknown] => [
    name,
    place === at ? damaged(value, draw) : value,
  ]);
  return Array.isArray(content) ? changed.map(([, value]) => value) : Object.fromEntries(changed);
}

test("rows of requeued tasks keep the field names of earlier versions", () => {
  const { requeued: batch, ...others } = requeued;
  const { ranges: runs, ...about } = batch;
  const stored = { ...others, run: { runs, ...about } };
  expect(JSON.parse(queueEntryBody.encode(requeued))).toEqual(stored);
  expect(JSON.parse(dueBody.encode({ type: "queue", entry: requeued }))).toEqual({ type: "queue", hint: stored });
  expect(queueEntryBody.parse({ ...key, body: JSON.stringify(stored) })).toEqual(requeued);
});

describe.each(KINDS)("the row of %s", (_, body, parse, value) => {
  test("the row is read back unchanged, and like rows of earlier versions does not name its format", () => {
    expect(outcomeOf(parse, body)).toEqual(value);
    expect(body).not.toContain("$format");
  });

  test("the row is refused if a newer version wrote it", () => {
    const content: unknown = JSON.parse(body);
    const newer = { ...(typeof content === "object" ? content : {}), $format: 2 };
    expect(outcomeOf(parse, JSON.stringify(newer))).toMatchObject({
      code: "UnreadableRow",
      isNewer: true,
      message:
        "the row job#01 / something cannot be read: it has format 2, but this version of fantail only reads format 1: update fantail",
    });
  });

  test("the row is refused if it is cut off anywhere", () => {
    for (let length = 0; length < body.length; length++)
      expect(outcomeOf(parse, body.slice(0, length))).toMatchObject({ code: "UnreadableRow", isNewer: false });
  });

  test("the row is read or refused as unreadable, whatever a place in it is changed to", () => {
    const content: unknown = JSON.parse(body);
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
        const draw = (choices: number) => (numbers.next().value ?? 0) % choices;
        outcomeOf(parse, JSON.stringify(damaged(content, draw)) ?? "");
      }),
      { numRuns: 150 },
    );
  });
});

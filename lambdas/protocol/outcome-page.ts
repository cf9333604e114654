import * as v from "valibot";
import { EncodedValue } from "./function-reference.ts";
import type { IndexRange } from "./index-ranges.ts";

/**
 * How an attempt ended. `lost` says that the engine died under it, `timeout` that it was not started or
 * not done in time, `impossible` that it could never start; the rest is said by the engine that ran it. `unmet` is no
 * attempt but a refusal: the engine lacks what the task depends on. Pages hold places in this list, so it only grows.
 */
export const ENTRY_STATUSES = ["ok", "error", "lost", "timeout", "aborted", "unmet", "impossible"] as const;
export const EntryStatus = v.picklist(ENTRY_STATUSES);
export type EntryStatus = v.InferOutput<typeof EntryStatus>;

/** How a task can end: all but a refusal, after which it goes on. */
export type FinalStatus = Exclude<EntryStatus, "unmet">;
export const FINAL_STATUSES: readonly FinalStatus[] = ENTRY_STATUSES.filter((status) => status !== "unmet");

/** How a task can end that was not run. */
export type UnrunStatus = Exclude<FinalStatus, "ok" | "error">;

/** A failure at rest: `code` is fantail's class, `ename` the class that was thrown on the engine. */
export interface EncodedError {
  code:
    | "RemoteError"
    | "EngineError"
    | "TaskTimeout"
    | "RunTimeout"
    | "TaskAborted"
    | "ImpossibleDependency"
    | "InvalidDependency"
    | "UnmetDependency"
    | "CodecError";
  ename: string;
  evalue: string;
  traceback?: string | undefined;
  /** The whole thrown value by the codec, when it could be encoded: gives the client name, cause and own fields. */
  thrown?: EncodedValue | undefined;
  /** Of an ImpossibleDependency: the task that it depends on, and why that rules it out. */
  dependency?: string | undefined;
  reason?: string | undefined;
  /** Claims that the attempt ran out of memory. */
  memory?: boolean | undefined;
  /** Of an UnmetDependency: the module that cannot be loaded, on any engine of the pool therefore. */
  module?: string | undefined;
}
export const EncodedError = v.strictObject({
  code: v.picklist([
    "RemoteError",
    "EngineError",
    "TaskTimeout",
    "RunTimeout",
    "TaskAborted",
    "ImpossibleDependency",
    "InvalidDependency",
    "UnmetDependency",
    "CodecError",
  ]),
  ename: v.pipe(v.string(), v.maxLength(500)),
  evalue: v.pipe(v.string(), v.maxLength(20_000)),
  traceback: v.optional(v.pipe(v.string(), v.maxLength(20_000))),
  thrown: v.optional(EncodedValue),
  dependency: v.optional(v.pipe(v.string(), v.maxLength(100))),
  reason: v.optional(v.pipe(v.string(), v.maxLength(20_000))),
  memory: v.optional(v.boolean()),
  module: v.optional(v.pipe(v.string(), v.maxLength(500))),
});

/** One attempt of one task. */
export const Entry = v.strictObject({
  index: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** 1 for the first. */
  attempt: v.pipe(v.number(), v.integer(), v.minValue(1)),
  status: EntryStatus,
  /** Claims that the task has ended; false: another attempt follows. Decided by the scheduler, never by an engine. */
  final: v.boolean(),
  /** The result of an `ok`. In a chunked map: the list of per-item outcomes (see `ItemOutcome`). */
  value: v.optional(EncodedValue),
  error: v.optional(EncodedError),
  /** Epoch milliseconds by the engine's clock; absent when it never started. */
  started: v.optional(v.number()),
  completed: v.optional(v.number()),
  stdout: v.optional(v.string()),
  stderr: v.optional(v.string()),
  /** When the next attempt may start, epoch milliseconds; only with `final: false`. */
  due: v.optional(v.number()),
  /** The pool with more memory in which the same attempt goes on; only with `final: false`. */
  up: v.optional(v.string()),
});
export type Entry = v.InferOutput<typeof Entry>;

/** Largest outcome page, in characters of its body: DynamoDB's item limit of 400 KB, less keys and multi-byte text. */
export const OUTCOME_PAGE_BYTES = 360_000;

/** Entries that an engine gathers before it reports, in characters of their JSON: one more entry of any size still fits the page. */
export const REPORT_BYTES = 200_000;

/** What one lease brought. Its key is the fence: report and revocation race for it. */
export interface OutcomePage {
  /** The engine of the lease; absent when the tasks ended without one. */
  engine?: number | undefined;
  pool?: string | undefined;
  /** The engine's life at the time: it changes when the engine dies. Absent: 0. */
  life?: number | undefined;
  /** Claims that this page revoked the lease: a report that comes later is refused. */
  revoked: boolean;
  /** When the scheduler received it, epoch milliseconds. */
  received: number;
  entries: Entry[];
  /** Tasks of the lease that went on running, `to` excluded: the page of a partial report. What is neither here nor in `entries` went back to the queue. */
  running?: readonly IndexRange[] | undefined;
}

/** Outcome of one item of a chunk: its value, or its failure. */
export const ItemOutcome = v.union([
  v.strictTuple([v.literal(1), EncodedValue]),
  v.strictTuple([v.literal(0), EncodedError]),
]);
export type ItemOutcome = v.InferOutput<typeof ItemOutcome>;

/** Positions of the columns of a packed entry. */
type PackedEntry = [
  index: number,
  attempt: number,
  status: number,
  final: 0 | 1,
  started: number | null,
  lasted: number | null,
  value: EncodedValue | null,
  extras?: { e?: EncodedError; o?: string; r?: string; d?: number; u?: string },
];

interface PackedPage {
  e?: number;
  p?: string;
  /** The engine's life. */
  f?: number;
  r?: 1;
  t: number;
  k?: readonly IndexRange[];
  /** A plain page: consecutive indexes, first attempts, all `ok` and final, no output: columns instead of entries. */
  c?: { i: number; s: number[]; l: number[]; v: (EncodedValue | 0)[] };
  x?: PackedEntry[];
}

/** Times of a page relative to its `received`, in hundredths of a millisecond kept as integers. */
function pack(time: number, received: number): number {
  return Math.round((received - time) * 100);
}

/**
 * The body of a page as it rests. Pages of plain successes, the common case, are packed in columns:
 * about 15 bytes a task instead of 150, and DynamoDB bills by the kilobyte.
 */
export function packOutcomePage(page: OutcomePage): string {
  const packed: PackedPage = { t: page.received };
  if (page.engine !== undefined) packed.e = page.engine;
  if (page.pool !== undefined) packed.p = page.pool;
  if (page.life) packed.f = page.life;
  if (page.revoked) packed.r = 1;
  if (page.running && page.running.length > 0) packed.k = page.running;
  const first = page.entries[0];
  const plain =
    first !== undefined &&
    page.entries.every(
      (entry, at) =>
        entry.index === first.index + at &&
        entry.attempt === 1 &&
        entry.status === "ok" &&
        entry.final &&
        entry.started !== undefined &&
        entry.completed !== undefined &&
        entry.stdout === undefined &&
        entry.stderr === undefined,
    );
  if (plain) {
    const columns = { i: first.index, s: [] as number[], l: [] as number[], v: [] as (EncodedValue | 0)[] };
    let previous = page.received;
    for (const entry of page.entries) {
      const started = entry.started ?? page.received;
      const step = Math.round((started - previous) * 100);
      columns.s.push(step);
      // What the reader will have come to, so that rounding does not add up.
      previous += step / 100;
      columns.l.push(Math.round(((entry.completed ?? started) - started) * 100));
      columns.v.push(entry.value ?? 0);
    }
    packed.c = columns;
  } else {
    packed.x = page.entries.map((entry) => packEntry(entry, page.received));
  }
  return JSON.stringify(packed);
}

function packEntry(entry: Entry, received: number): PackedEntry {
  const extras: { e?: EncodedError; o?: string; r?: string; d?: number; u?: string } = {};
  if (entry.error) extras.e = entry.error;
  if (entry.stdout !== undefined) extras.o = entry.stdout;
  if (entry.stderr !== undefined) extras.r = entry.stderr;
  if (entry.due !== undefined) extras.d = entry.due;
  if (entry.up !== undefined) extras.u = entry.up;
  const packed: PackedEntry = [
    entry.index,
    entry.attempt,
    ENTRY_STATUSES.indexOf(entry.status),
    entry.final ? 1 : 0,
    entry.started === undefined ? null : pack(entry.started, received),
    entry.completed === undefined ? null : pack(entry.completed, received),
    entry.value ?? null,
  ];
  if (Object.keys(extras).length > 0) packed.push(extras);
  return packed;
}

/** The page that `packOutcomePage` gave. Times come back to within a hundredth of a millisecond. */
export function unpackOutcomePage(body: string): OutcomePage {
  const packed = JSON.parse(body) as PackedPage;
  const page: OutcomePage = {
    engine: packed.e,
    pool: packed.p,
    ...(packed.f === undefined ? {} : { life: packed.f }),
    revoked: packed.r === 1,
    received: packed.t,
    entries: [],
  };
  if (packed.k) page.running = packed.k;
  if (packed.c) {
    const { i, s, l, v: values } = packed.c;
    let started = packed.t;
    for (let at = 0; at < s.length; at++) {
      started += (s[at] ?? 0) / 100;
      const value = values[at];
      page.entries.push({
        index: i + at,
        attempt: 1,
        status: "ok",
        final: true,
        started,
        completed: started + (l[at] ?? 0) / 100,
        ...(value === 0 || value === undefined ? {} : { value }),
      });
    }
  }
  for (const [index, attempt, status, final, started, completed, value, extras] of packed.x ?? []) {
    page.entries.push({
      index,
      attempt,
      status: ENTRY_STATUSES[status] ?? "error",
      final: final === 1,
      ...(value === null ? {} : { value }),
      ...(extras?.e ? { error: extras.e } : {}),
      ...(started === null ? {} : { started: packed.t - started / 100 }),
      ...(completed === null ? {} : { completed: packed.t - completed / 100 }),
      ...(extras?.o === undefined ? {} : { stdout: extras.o }),
      ...(extras?.r === undefined ? {} : { stderr: extras.r }),
      ...(extras?.d === undefined ? {} : { due: extras.d }),
      ...(extras?.u === undefined ? {} : { up: extras.u }),
    });
  }
  return page;
}

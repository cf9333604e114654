import { isPackedPhases, type PackedPhases, packPhases, unpackPhases } from "./attempt-phases.ts";
import { isEncodedError, isEncodedValue } from "./encoded-parts.ts";
import type { EncodedValue } from "./function-reference.ts";
import type { IndexRange } from "./index-ranges.ts";
import { ENTRY_STATUSES, type EncodedError, type Entry, type OutcomePage } from "./outcome-page.ts";
import { type PackedColumns, packColumns, unpackColumns } from "./packed-columns.ts";
import { isRecord } from "./record.ts";
import { type BodyRow, expectWhole, isCount, isNumberOrAbsent, isTextOrAbsent, parseBody } from "./row-body.ts";
import { isPackedUsage, type PackedUsage } from "./usage.ts";

/** An entry as a tuple. */
type PackedEntry = [
  index: number,
  attempt: number,
  status: number,
  final: 0 | 1,
  started: number | null,
  lasted: number | null,
  value: EncodedValue | null,
  extras?: PackedExtras,
];

interface PackedExtras {
  e?: EncodedError;
  o?: string;
  r?: string;
  d?: number;
  u?: string;
  w?: PackedPhases;
}

interface PackedPage {
  e?: number;
  p?: string;
  /** The engine's generation; absent: 0. */
  f?: number;
  r?: 1;
  t: number;
  k?: readonly IndexRange[];
  n?: number;
  u?: PackedUsage;
  /** Columns instead of entries, for a plain page. */
  c?: PackedColumns;
  x?: PackedEntry[];
}

/** Packs a time relative to the page's `received`, as an integer in hundredths of a millisecond. */
function pack(time: number, received: number): number {
  return Math.round((received - time) * 100);
}

/**
 * Encodes a page as the body of its row. Pages of plain successes, the common case, are packed in columns: about 15
 * bytes a task instead of 150, and DynamoDB bills by the kilobyte.
 */
export function packOutcomePage(page: OutcomePage): string {
  const packed: PackedPage = { t: page.received };
  if (page.engine !== undefined) packed.e = page.engine;
  if (page.pool !== undefined) packed.p = page.pool;
  if (page.generation) packed.f = page.generation;
  if (page.revoked) packed.r = 1;
  if (page.running && page.running.length > 0) packed.k = page.running;
  if (page.next !== undefined) packed.n = page.next;
  if (page.used) packed.u = page.used;
  const columns = packColumns(page);
  if (columns) {
    packed.c = columns;
  } else {
    packed.x = page.entries.map((entry) => packEntry(entry, page.received));
  }
  return JSON.stringify(packed);
}

/** The body of a page with usage, made from the body of the page without it. */
export function bodyWithUsage(body: string, used: PackedUsage): string {
  return `${body.slice(0, -1)},"u":${JSON.stringify(used)}}`;
}

function packEntry(entry: Entry, received: number): PackedEntry {
  const extras: PackedExtras = {};
  if (entry.error) extras.e = entry.error;
  if (entry.stdout !== undefined) extras.o = entry.stdout;
  if (entry.stderr !== undefined) extras.r = entry.stderr;
  if (entry.due !== undefined) extras.d = entry.due;
  if (entry.up !== undefined) extras.u = entry.up;
  const phases = entry.phases && packPhases(entry.phases);
  if (phases) extras.w = phases;
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

/**
 * Decodes a page from `packOutcomePage`. Times are exact to a hundredth of a millisecond.
 *
 * Every lease and every client poll reads pages of a thousand tasks, so this function validates by hand: a schema would
 * take longer than everything else.
 *
 * @throws UnreadableRow for a page that is damaged, or from a newer version
 */
export function unpackOutcomePage(row: BodyRow): OutcomePage {
  return parseBody(row, (packed) => {
    expectWhole(isEnvelope(packed), "its header is not that of an outcome page");
    const page: OutcomePage = {
      engine: packed.e,
      pool: packed.p,
      ...(packed.f === undefined ? {} : { generation: packed.f }),
      revoked: packed.r === 1,
      received: packed.t,
      entries: [],
    };
    if (packed.k) page.running = packed.k;
    if (packed.n !== undefined) page.next = packed.n;
    if (packed.u !== undefined) page.used = packed.u;
    if (packed.c !== undefined) unpackColumns(packed.c, packed.t, page.entries);
    if (packed.x !== undefined) {
      expectWhole(Array.isArray(packed.x), "its entries are not a list");
      for (const entry of packed.x) page.entries.push(unpackEntry(entry, packed.t));
    }
    return page;
  });
}

interface Envelope extends Omit<PackedPage, "r" | "c" | "x"> {
  r?: unknown;
  c?: unknown;
  x?: unknown;
}

function isEnvelope(packed: unknown): packed is Envelope {
  if (!isRecord(packed)) return false;
  const { t, e, p, f, k, n, u } = packed;
  return (
    typeof t === "number" &&
    isNumberOrAbsent(e) &&
    isTextOrAbsent(p) &&
    isNumberOrAbsent(f) &&
    isRangesOrAbsent(k) &&
    (n === undefined || isCount(n)) &&
    (u === undefined || isPackedUsage(u))
  );
}

function isRangesOrAbsent(ranges: unknown): ranges is readonly IndexRange[] | undefined {
  if (ranges === undefined) return true;
  return (
    Array.isArray(ranges) &&
    ranges.every((range: unknown) => Array.isArray(range) && range.length === 2 && range.every(isCount))
  );
}

function unpackEntry(packed: unknown, received: number): Entry {
  expectWhole(isPackedEntry(packed), "an entry is malformed");
  const [index, attempt, status, final, started, completed, value, extras] = packed;
  const name = ENTRY_STATUSES[status];
  expectWhole(name !== undefined, `the status of task ${index} is unknown`);
  return {
    index,
    attempt,
    status: name,
    final: final === 1,
    ...(value === null ? {} : { value }),
    ...(extras?.e ? { error: extras.e } : {}),
    ...(started === null ? {} : { started: received - started / 100 }),
    ...(completed === null ? {} : { completed: received - completed / 100 }),
    ...(extras?.o === undefined ? {} : { stdout: extras.o }),
    ...(extras?.r === undefined ? {} : { stderr: extras.r }),
    ...(extras?.d === undefined ? {} : { due: extras.d }),
    ...(extras?.u === undefined ? {} : { up: extras.u }),
    ...(extras?.w === undefined ? {} : { phases: unpackPhases(extras.w) }),
  };
}

function isPackedEntry(packed: unknown): packed is PackedEntry {
  if (!Array.isArray(packed)) return false;
  const [index, attempt, status, final, started, lasted, value, extras]: unknown[] = packed;
  return (
    isCount(index) &&
    isCount(attempt) &&
    isCount(status) &&
    (final === 0 || final === 1) &&
    (started === null || typeof started === "number") &&
    (lasted === null || typeof lasted === "number") &&
    (value === null || isEncodedValue(value)) &&
    (extras === undefined || isExtras(extras))
  );
}

function isExtras(extras: unknown): extras is NonNullable<PackedEntry[7]> {
  if (!isRecord(extras)) return false;
  const { e, o, r, d, u, w } = extras;
  return (
    (e === undefined || isEncodedError(e)) &&
    isTextOrAbsent(o) &&
    isTextOrAbsent(r) &&
    isNumberOrAbsent(d) &&
    isTextOrAbsent(u) &&
    (w === undefined || isPackedPhases(w))
  );
}

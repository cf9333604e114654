import type { Engine, Session } from "../../core/engine.ts";
import type { Lease } from "../../core/lease.ts";
import { isRecord } from "../../protocol/record.ts";
import {
  type BodyCodec,
  expectWhole,
  isCount,
  isNumberOrAbsent,
  isTextOrAbsent,
  parseBody,
} from "../../protocol/row-body.ts";

/** The contents of an engine row's body; the rest is in its key and attributes. */
type EngineAtRest = Omit<Engine, "id" | "rev">;

/** The stored body. Its keys are short and ranges are triples, because each write is billed by the kilobyte. */
interface EngineBody {
  p: string;
  a: number;
  s?: Session;
  l: PackedLease[];
  /** Parked leases. */
  k?: PackedLease[];
  /** Whether outcome pages may name the session's next leases. */
  h?: 1;
  c?: string[];
  w: string[];
  r?: NonNullable<Engine["resting"]>;
  x?: 1;
  f?: number;
  d?: number;
  n?: number;
}

type PackedLease = [
  job: string,
  ranges: [number, number, number][],
  hop: number,
  queued: number,
  queue: string,
  priority: number,
  alone?: 1,
];

/**
 * Codec of an engine row's body. The body is checked by hand, because passes read the rows of all engines, and a schema
 * would be slower.
 */
export const engineBody: BodyCodec<EngineAtRest> = {
  encode: (engine) => {
    const body: EngineBody = { p: engine.pool, a: engine.assigned, l: engine.leases.map(packLease), w: engine.tags };
    if (engine.session) body.s = engine.session;
    if (engine.parked.length > 0) body.k = engine.parked.map(packLease);
    if (engine.linked) body.h = 1;
    if (engine.queues.length > 0) body.c = engine.queues;
    if (engine.resting) body.r = engine.resting;
    if (engine.closed) body.x = 1;
    if (engine.generation > 0) body.f = engine.generation;
    if (engine.completed > 0) body.d = engine.completed;
    if (engine.fence) body.n = engine.fence;
    return JSON.stringify(body);
  },
  parse: (row) =>
    parseBody(row, (body) => {
      expectWhole(isEngineBody(body), "it is not the body of an engine's row");
      return {
        pool: body.p,
        assigned: body.a,
        session: body.s,
        leases: body.l.map(unpackLease),
        parked: (body.k ?? []).map(unpackLease),
        ...(body.h ? { linked: true as const } : {}),
        tags: body.w,
        resting: body.r,
        queues: body.c ?? [],
        ...(body.x ? { closed: true } : {}),
        generation: body.f ?? 0,
        completed: body.d ?? 0,
        ...(body.n ? { fence: body.n } : {}),
      };
    }),
};

function packLease(lease: Lease): PackedLease {
  const ranges = lease.ranges.map(({ from, to, attempt }): [number, number, number] => [from, to, attempt]);
  const packed: PackedLease = [lease.job, ranges, lease.hop, lease.queued, lease.queue, lease.priority];
  if (lease.alone) packed.push(1);
  return packed;
}

function unpackLease([job, ranges, hop, queued, queue, priority, alone]: PackedLease): Lease {
  const unpacked = ranges.map(([from, to, attempt]) => ({ from, to, attempt }));
  return { job, ranges: unpacked, hop, queued, queue, priority, ...(alone ? { alone: true } : {}) };
}

function isEngineBody(body: unknown): body is EngineBody {
  if (!isRecord(body)) return false;
  const { p, a, s, l, k, h, c, w, r, x, f, d, n } = body;
  return (
    typeof p === "string" &&
    typeof a === "number" &&
    (s === undefined || isSession(s)) &&
    isListOf(l, isPackedLease) &&
    (k === undefined || isListOf(k, isPackedLease)) &&
    (h === undefined || h === 1) &&
    (c === undefined || isListOf(c, isText)) &&
    isListOf(w, isText) &&
    (r === undefined || (isRecord(r) && typeof r.times === "number" && typeof r.until === "number")) &&
    (x === undefined || x === 1) &&
    isNumberOrAbsent(f) &&
    isNumberOrAbsent(d) &&
    isNumberOrAbsent(n)
  );
}

function isSession(session: unknown): session is Session {
  if (!isRecord(session)) return false;
  const { id, nonce, seq, invoked, early, tries, until, heard, overdue, failed, over, blames } = session;
  return (
    typeof id === "string" &&
    isTextOrAbsent(nonce) &&
    isCount(seq) &&
    typeof invoked === "number" &&
    (early === undefined || early === true) &&
    isCount(tries) &&
    [until, heard, overdue].every(isNumberOrAbsent) &&
    (failed === undefined || (isRecord(failed) && isText(failed.of) && isText(failed.reason))) &&
    isTextOrAbsent(over) &&
    isTextOrAbsent(blames)
  );
}

function isPackedLease(lease: unknown): lease is PackedLease {
  if (!Array.isArray(lease)) return false;
  const [job, ranges, hop, queued, queue, priority, alone]: unknown[] = lease;
  return (
    typeof job === "string" &&
    isListOf(ranges, isLeaseRange) &&
    isCount(hop) &&
    typeof queued === "number" &&
    typeof queue === "string" &&
    typeof priority === "number" &&
    (alone === undefined || alone === 1)
  );
}

function isLeaseRange(range: unknown): boolean {
  return Array.isArray(range) && range.length === 3 && range.every(isCount);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isListOf(list: unknown, isElement: (element: unknown) => boolean): boolean {
  return Array.isArray(list) && list.every((element: unknown) => isElement(element));
}

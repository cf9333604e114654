import { byLeastRecentlyAssigned, type Engine, engineLoad, newEngine } from "../../core/engine.ts";
import type { Lease } from "../../core/lease.ts";
import { enginesOf, isOnRoster } from "../../core/roster.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { ENGINE_PARTITION, engineKey, ROSTER_KEY, type Row, SWEEPS_KEY } from "../../protocol/rows.ts";
import type { Cluster, Pool } from "../cluster.ts";
import { rosterIn } from "./roster-row.ts";

/** Changes that a row tells of. */
const TAGS = 8;

/** Body of an engine's row: runs as triples, since each change is billed by the kilobyte. */
interface EngineBody {
  p: string;
  a: number;
  s?: Engine["session"];
  l: PackedLease[];
  /** Parked leases. */
  k?: PackedLease[];
  c?: string[];
  w: string[];
  r?: Engine["resting"];
  x?: 1;
  f?: number;
  d?: number;
}

type PackedLease = [
  job: string,
  runs: [number, number, number][],
  hop: number,
  queued: number,
  queue: string,
  priority: number,
  alone?: 1,
];

function engineRow(engine: Engine): Row {
  const body: EngineBody = { p: engine.pool, a: engine.assigned, l: engine.leases.map(packLease), w: engine.tags };
  if (engine.session) body.s = engine.session;
  if (engine.parked.length > 0) body.k = engine.parked.map(packLease);
  if (engine.classes.length > 0) body.c = engine.classes;
  if (engine.resting) body.r = engine.resting;
  if (engine.closed) body.x = 1;
  if (engine.life > 0) body.f = engine.life;
  if (engine.completed > 0) body.d = engine.completed;
  return { ...engineKey(engine.id), body: JSON.stringify(body), rev: engine.rev, load: engineLoad(engine) };
}

function packLease(lease: Lease): PackedLease {
  const runs = lease.runs.map(({ from, to, attempt }): [number, number, number] => [from, to, attempt]);
  const packed: PackedLease = [lease.job, runs, lease.hop, lease.queued, lease.queue, lease.priority];
  if (lease.alone) packed.push(1);
  return packed;
}

function unpackLease([job, runs, hop, queued, queue, priority, alone]: PackedLease): Lease {
  const unpacked = runs.map(([from, to, attempt]) => ({ from, to, attempt }));
  return { job, runs: unpacked, hop, queued, queue, priority, ...(alone ? { alone: true } : {}) };
}

/** The engine that a row holds. */
export function engineOf(row: Row): Engine {
  const body = JSON.parse(row.body) as EngineBody;
  return {
    id: Number(row.sk),
    pool: body.p,
    rev: row.rev ?? 0,
    assigned: body.a,
    session: body.s,
    leases: body.l.map(unpackLease),
    parked: (body.k ?? []).map(unpackLease),
    tags: body.w,
    resting: body.r,
    classes: body.c ?? [],
    ...(body.x ? { closed: true } : {}),
    life: body.f ?? 0,
    completed: body.d ?? 0,
  };
}

/** All engines that have a row, least recently assigned first; those of the roster that have none yet get one. Roster and sweeps are read along. */
export async function listEngines(cluster: Cluster): Promise<Engine[]> {
  const rows = await cluster.store.list(ENGINE_PARTITION);
  const engines = new Map<number, Engine>();
  let roster: Row | undefined;
  let sweeps: Row | undefined;
  for (const row of rows) {
    if (row.sk === ROSTER_KEY.sk) roster = row;
    else if (row.sk === SWEEPS_KEY.sk) sweeps = row;
    else engines.set(Number(row.sk), engineOf(row));
  }
  cluster.roster = rosterIn(cluster, roster);
  cluster.sweeps = { row: sweeps };
  for (const { id, pool } of enginesOf(cluster.roster)) {
    if (engines.has(id)) continue;
    const made = newEngine(id, pool);
    const taken = await cluster.store.putOnce(engineRow(made));
    engines.set(id, taken ? engineOf(taken) : made);
  }
  return [...engines.values()].sort(byLeastRecentlyAssigned);
}

/** Those of the engines that may be given work, rested or not. */
export function openEngines(cluster: Cluster, engines: readonly Engine[]): Engine[] {
  return engines.filter((engine) => !engine.closed && isOnRoster(cluster.roster, engine));
}

/** One engine, by a consistent read. */
export async function readEngine(cluster: Cluster, id: number): Promise<Engine | undefined> {
  const [row] = await cluster.store.read([engineKey(id)]);
  const engine = row && engineOf(row);
  if (engine) cluster.engines.set(id, engine);
  return engine;
}

/**
 * Replaces an engine's row if nobody has changed it since `before` was read. Atomic against every other
 * scheduler: of two, one is refused and must read again.
 *
 * The SDK repeats a write whose answer was lost, and the second fails its condition though the first was done, and perhaps
 * followed by others: so each change leaves a tag.
 *
 * @returns the engine as it was written, or `undefined` when it was refused
 * @throws ClusterError when the answer was lost and too much has happened since to tell
 */
export async function swapEngine(
  cluster: Cluster,
  before: Engine,
  change: Partial<Omit<Engine, "id" | "rev" | "tags">>,
): Promise<Engine | undefined> {
  const tag = cluster.newSecret().slice(0, 8);
  const tags = [...before.tags, tag].slice(-TAGS);
  const after: Engine = { ...before, ...change, tags, rev: before.rev + 1 };
  const swapped = await cluster.store.swap(engineRow(after), before.rev);
  if (swapped ?? (await bearsTag(cluster, after, tag))) {
    cluster.engines.set(after.id, after);
    return after;
  }
  cluster.engines.delete(before.id);
  return undefined;
}

/** Claims that a change had been made before its repetition was refused. */
async function bearsTag(cluster: Cluster, after: Engine, tag: string): Promise<boolean> {
  const [row] = await cluster.store.read([engineKey(after.id)]);
  const standing = row && engineOf(row);
  if (!standing || standing.tags.includes(tag)) return standing !== undefined;
  if (standing.rev - after.rev >= TAGS)
    throw new ClusterError(`engine ${after.id}: its record was changed by others too often to be written`);
  return false;
}

/** The pool of an engine. */
export function poolOf(cluster: Cluster, engine: Engine): Pool | undefined {
  return cluster.config.pools.find(({ name }) => name === engine.pool);
}

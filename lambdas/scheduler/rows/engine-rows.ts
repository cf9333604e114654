import { byLeastRecentlyAssigned, type Engine, engineLoad, newEngine } from "../../core/engine.ts";
import { enginesOf, isOnRoster } from "../../core/roster.ts";
import { ClusterError } from "../../protocol/errors.ts";
import {
  ENGINE_PARTITION,
  engineKey,
  isEngineKey,
  ROSTER_KEY,
  type Row,
  SIGNING_KEY,
  SWEEPS_KEY,
} from "../../protocol/rows.ts";
import type { RemembersFleet } from "../memory/fleet-memory.ts";
import type { Configured, Pool } from "../ports/cluster-config.ts";
import type { Randomness, StoreAccess } from "../ports/scheduler-ports.ts";
import { engineBody } from "./engine-body.ts";
import { readable } from "./readable.ts";
import { rosterIn } from "./roster-row.ts";
import type { EngineAccess, EngineReads, FleetAccess } from "./row-access.ts";
import { noteSigningKey } from "./signing-key.ts";

/** Number of tags that a row keeps: one for each of its latest changes. */
const TAGS = 8;

/** The row of an engine. */
export function engineRow(engine: Engine): Row {
  return { ...engineKey(engine.id), body: engineBody.encode(engine), rev: engine.rev, load: engineLoad(engine) };
}

/**
 * Parses the engine in a row.
 *
 * @throws UnreadableRow for a row of a newer version, or one that is damaged
 */
export function engineOf(row: Row): Engine {
  return { id: Number(row.sk), rev: row.rev ?? 0, ...engineBody.parse(row) };
}

/**
 * Lists all engines, least recently assigned first. Creates the row of a roster engine that has none; if another
 * scheduler creates it first, that row counts. The roster, the sweep row and the signing key are in the same partition,
 * so they are read too.
 *
 * An engine whose row cannot be read is left out, so that it gets no work.
 */
export async function listEngines(cluster: FleetAccess): Promise<Engine[]> {
  const rows = await cluster.store.list(ENGINE_PARTITION);
  const engines = new Map<number, Engine>();
  const unreadable = new Set<number>();
  let roster: Row | undefined;
  let sweeps: Row | undefined;
  for (const row of rows) {
    if (row.sk === ROSTER_KEY.sk) roster = row;
    else if (row.sk === SWEEPS_KEY.sk) sweeps = row;
    else if (row.sk === SIGNING_KEY.sk) noteSigningKey(cluster, row);
    else if (isEngineKey(row)) {
      const engine = readable(cluster, row, engineOf);
      if (engine) engines.set(engine.id, engine);
      else unreadable.add(Number(row.sk));
    }
  }
  cluster.memory.fleet.roster = rosterIn(cluster, roster);
  cluster.memory.fleet.sweeps = { row: sweeps };
  for (const { id, pool } of enginesOf(cluster.memory.fleet.roster)) {
    if (engines.has(id) || unreadable.has(id)) continue;
    const made = newEngine(id, pool);
    const taken = await cluster.store.putOnce(engineRow(made));
    engines.set(id, taken ? engineOf(taken) : made);
  }
  return [...engines.values()].sort(byLeastRecentlyAssigned);
}

/** The engines that are on the roster and not closed, including resting ones. */
export function openEngines(cluster: RemembersFleet, engines: readonly Engine[]): Engine[] {
  return engines.filter((engine) => !engine.closed && isOnRoster(cluster.memory.fleet.roster, engine));
}

/** Reads one engine, consistently; `undefined` if it has no row. */
export async function readEngine(cluster: EngineReads, id: number): Promise<Engine | undefined> {
  const [row] = await cluster.store.read([engineKey(id)]);
  const engine = row && engineOf(row);
  if (engine) cluster.memory.fleet.engines.set(id, engine);
  return engine;
}

/**
 * Replaces an engine's row if it is unchanged since `before` was read. Atomic against every other change of the row: of
 * two changes, one is refused, and its caller must read the row again.
 *
 * The SDK repeats a write whose response was lost. The repetition fails its condition although the first write
 * succeeded, perhaps followed by other changes. So each change leaves a tag by which it is recognized.
 *
 * @returns the engine as written, or `undefined` if the change was refused
 * @throws ClusterError if the response was lost and more changes have followed than tags are kept
 */
export async function swapEngine(
  cluster: EngineAccess,
  before: Engine,
  change: Partial<Omit<Engine, "id" | "rev" | "tags">>,
): Promise<Engine | undefined> {
  const tag = cluster.randomness.newSecret().slice(0, 8);
  const tags = [...before.tags, tag].slice(-TAGS);
  const after: Engine = { ...before, ...change, tags, rev: before.rev + 1 };
  const swapped = await cluster.store.swap(engineRow(after), before.rev);
  if (swapped ?? (await hasTag(cluster, after, tag))) {
    cluster.memory.fleet.engines.set(after.id, after);
    return after;
  }
  cluster.memory.fleet.engines.delete(before.id);
  return undefined;
}

/** Number of fences to raise in parallel. */
const FENCED_AT_ONCE = 16;

/**
 * Raises the fence of every engine. After that, no task that was claimed before the call can enter a lease: the write
 * of a lease requires a `rev` that was known before the claim, or an unchanged fence.
 */
export async function raiseFences(cluster: FleetAccess & Randomness): Promise<void> {
  const engines = await listEngines(cluster);
  for (let at = 0; at < engines.length; at += FENCED_AT_ONCE)
    await Promise.all(engines.slice(at, at + FENCED_AT_ONCE).map((engine) => raiseFence(cluster, engine)));
}

async function raiseFence(cluster: EngineAccess, listed: Engine): Promise<void> {
  for (let engine: Engine | undefined = listed; engine; engine = await readEngine(cluster, listed.id))
    if (await swapEngine(cluster, engine, { fence: (engine.fence ?? 0) + 1 })) return;
}

/** Whether the change was written before its repetition was refused. */
async function hasTag(cluster: StoreAccess, after: Engine, tag: string): Promise<boolean> {
  const [row] = await cluster.store.read([engineKey(after.id)]);
  const existing = row && engineOf(row);
  if (!existing || existing.tags.includes(tag)) return existing !== undefined;
  if (existing.rev - after.rev >= TAGS)
    throw new ClusterError(
      `the record of engine ${after.id} could not be written, because other schedulers changed it too often: try again`,
    );
  return false;
}

/** The engine's pool as deployed; `undefined` if there is none of that name. */
export function poolOf(cluster: Configured, engine: Engine): Pool | undefined {
  return cluster.config.pools.find(({ name }) => name === engine.pool);
}

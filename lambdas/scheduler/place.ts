import { type Engine, engineLoad, type Session } from "../core/engine.ts";
import type { Hint } from "../core/hint.ts";
import type { Lease, LeaseRun } from "../core/lease.ts";
import { leaseTasks, sliceRuns } from "../core/lease.ts";
import { leaseSize } from "../core/lease-size.ts";
import { type Candidate, placement } from "../core/placement.ts";
import { ANY_ENGINE, isEligible } from "../core/queue-class.ts";
import type { JobHeader } from "../protocol/scheduler-messages.ts";
import { LEASE_SPAN } from "../protocol/spec-page.ts";
import { type ClaimedWork, claimWork, fitsSpan, leaseOf, remainingOf, returnedHint } from "./claim-work.ts";
import type { Cluster } from "./cluster.ts";
import { listEngines, poolOf, swapEngine } from "./engine-rows.ts";
import { grantFor } from "./grant.ts";
import { listHints, requeueRows } from "./hint-rows.ts";

/** Rounds of one pass: more than one only when other schedulers are placing at the same moment. */
const ROUNDS = 20;

/** Largest event that carries its first lease along, in characters: well below Lambda's 1 MB. */
const EVENT_CHARS = 200_000;

/**
 * Ends every pass that made work or room: while there is a hint and an eligible engine with room, claims,
 * writes the engine's lease and starts it. When it returns, each class it was asked about is empty, or none of
 * its engines has room.
 *
 * @param queues the classes to look at besides `any`
 */
export async function place(cluster: Cluster, queues: readonly string[] = []): Promise<void> {
  const classes = [...new Set([ANY_ENGINE, ...queues])];
  for (let round = 0; round < ROUNDS; round++) {
    const [hints, engines] = await Promise.all([listHints(cluster, classes), listEngines(cluster)]);
    if (hints.length === 0) return;
    const shares = share(cluster, hints, engines);
    if (shares.length === 0) {
      if (await announce(cluster, hints, engines)) return;
      continue;
    }
    await Promise.all(shares.map((one) => assign(cluster, one, engines)));
  }
  cluster.log("place-gave-up", { rounds: ROUNDS });
}

/** How many tasks of a hint go to which engines, in the order of the draws. */
interface Share {
  hint: Hint;
  draws: { engine: number; tasks: number }[];
}

/** Decides, on what was read: nothing is claimed yet. */
function share(cluster: Cluster, hints: readonly Hint[], engines: readonly Engine[]): Share[] {
  const { hwm } = cluster.config;
  const limit = hwm === "adaptive" ? 1 : hwm === 0 ? Number.POSITIVE_INFINITY : hwm;
  const loads = new Map(engines.map((engine) => [engine.id, engineLoad(engine)]));
  let order = [...engines];
  const waitingJobs = new Set(hints.map(({ job }) => job)).size;
  const shares: Share[] = [];
  for (const hint of hints) {
    const eligible = order.filter((engine) => isEligible(engine, hint.queue));
    const open = preferred(hint, eligible, loads, limit);
    const drawer = placement(open, limit, hint.scheme ?? cluster.config.scheme, cluster.random);
    const draws: Share["draws"] = [];
    let remaining = remainingOf(cluster, hint);
    const measured = cluster.measures.get(hint.job);
    while (remaining > 0 && drawer.hasRoom()) {
      const size = leaseSize(hwm === "adaptive" || hwm === 0 ? hwm : 1, {
        meanMs: measured?.meanMs,
        previous: measured?.tasks,
        remaining: hwm === 0 ? hint.tasks : remaining,
        engines: eligible.length,
        waitingJobs,
        specBytes: hint.specBytes,
        atMost: hint.run?.atMost,
      });
      const tasks = Math.min(size, remaining);
      const drawn = drawer.place(tasks);
      if (!drawn) break;
      draws.push({ engine: drawn.id, tasks });
      loads.set(drawn.id, drawn.load);
      remaining -= tasks;
    }
    // Assigned engines go to the back, in the order of their last draw.
    const lastDraw = new Map(draws.map(({ engine }, at) => [engine, at + 1]));
    order = order.toSorted((a, b) => (lastDraw.get(a.id) ?? 0) - (lastDraw.get(b.id) ?? 0));
    if (draws.length > 0) shares.push({ hint, draws });
  }
  return shares;
}

/** Engines with room, in order; without the one that just failed the task, if another has room. */
function preferred(
  hint: Hint,
  eligible: readonly Engine[],
  loads: ReadonlyMap<number, number>,
  limit: number,
): Candidate[] {
  const open: Candidate[] = [];
  for (const { id } of eligible) {
    const load = loads.get(id) ?? 0;
    if (load < limit) open.push({ id, load });
  }
  const others = open.filter(({ id }) => id !== hint.run?.avoid);
  return others.length > 0 ? others : open;
}

/** Claims a share in one addition, and hands it out. What finds its engine taken by another scheduler goes back. */
async function assign(cluster: Cluster, { hint, draws }: Share, engines: readonly Engine[]): Promise<void> {
  const wanted = draws.reduce((sum, { tasks }) => sum + tasks, 0);
  const work = await claimWork(cluster, hint, wanted);
  if (!work || work.runs.length === 0) return;
  const given = new Map<number, LeaseRun[][]>();
  let at = 0;
  for (const { engine, tasks } of draws) {
    const runs = sliceRuns(work.runs, at, at + tasks);
    at += tasks;
    if (runs.length === 0) break;
    const leases = given.get(engine) ?? [];
    given.set(engine, leases);
    for (const run of runs) addRun(leases, run, hint.run?.atMost);
  }
  let clock = 0;
  await Promise.all(
    [...given].map(async ([id, leases]) => {
      const engine = engines.find((one) => one.id === id);
      const assigned = cluster.now() + clock++ / 1000;
      const given = leases.map((runs) => leaseOf(work, runs));
      if (engine && (await giveLeases(cluster, engine, given, work.header, assigned))) return;
      await giveBack(cluster, work, leases.flat());
    }),
  );
}

/** Adds a run to the last lease if that may hold it, else begins another. */
function addRun(leases: LeaseRun[][], run: LeaseRun, atMost: number | undefined): void {
  for (let from = run.from; from < run.to; ) {
    const to = Math.min(run.to, from + Math.min(LEASE_SPAN, atMost ?? LEASE_SPAN));
    const piece = { ...run, from, to };
    const last = leases.at(-1);
    const room = last && leaseTasks({ runs: [...last, piece] }) <= Math.min(LEASE_SPAN, atMost ?? LEASE_SPAN);
    const tail = last?.at(-1);
    if (
      last &&
      tail &&
      room &&
      tail.to === piece.from &&
      tail.attempt === piece.attempt &&
      fitsSpan(last, piece, LEASE_SPAN)
    )
      tail.to = piece.to;
    else if (last && room && fitsSpan(last, piece, LEASE_SPAN)) last.push(piece);
    else leases.push([piece]);
    from = to;
  }
}

async function giveBack(cluster: Cluster, work: ClaimedWork, runs: LeaseRun[]): Promise<void> {
  const hint = returnedHint(work, runs);
  await cluster.store.write(requeueRows([{ hint }], cluster.now(), work.header.flags.timeoutMs));
}

/**
 * Writes leases into an engine's row, behind those that it has, and starts an invocation when it has none.
 *
 * @returns false when another scheduler changed the engine first; nothing was then written
 */
export async function giveLeases(
  cluster: Cluster,
  engine: Engine,
  leases: readonly Lease[],
  header: JobHeader | undefined,
  assigned: number,
): Promise<boolean> {
  const session = engine.session ?? newSession(cluster);
  const given = await swapEngine(cluster, engine, { leases: [...engine.leases, ...leases], session, assigned });
  if (!given) return false;
  if (!engine.session) await startSession(cluster, given, session, header);
  return true;
}

export function newSession(cluster: Cluster): Session {
  return { id: cluster.newSecret(), seq: 1, invoked: cluster.now(), tries: 1 };
}

/** Invokes the engine for a session that its row holds. A failed call is made good by any later pass, since the session has not begun. */
export async function startSession(
  cluster: Cluster,
  engine: Engine,
  session: Session,
  header?: JobHeader,
): Promise<void> {
  const pool = poolOf(cluster, engine);
  if (!pool) return;
  const lease = engine.leases[0];
  const event = { engine: engine.id, session: session.id, door: cluster.config.door };
  try {
    const grant = lease && (await grantFor(cluster, lease, session.seq, [], header));
    const carried = grant && JSON.stringify(grant).length <= EVENT_CHARS ? { ...event, grant } : event;
    await cluster.startEngine(pool.function, carried);
  } catch (error) {
    cluster.log("start-failed", { engine: engine.id, session: session.id, error: String(error) });
  }
}

/**
 * Tells engines without room that work waits in a class besides `any`, so that they look there when they report.
 *
 * @returns false when an engine changed meanwhile: it may have room now
 */
async function announce(cluster: Cluster, hints: readonly Hint[], engines: readonly Engine[]): Promise<boolean> {
  const queues = [...new Set(hints.map(({ queue }) => queue))].filter((queue) => queue !== ANY_ENGINE);
  let standing = true;
  for (const engine of engines) {
    const missing = queues.filter((queue) => isEligible(engine, queue) && !engine.classes.includes(queue));
    if (missing.length === 0) continue;
    if (!(await swapEngine(cluster, engine, { classes: [...engine.classes, ...missing] }))) standing = false;
  }
  return standing;
}

import type { HighWaterMark, SchemeName } from "../../protocol/flags.ts";
import { LEASE_SPAN } from "../../protocol/spec-page.ts";
import { type Engine, engineLoad } from "../engine.ts";
import { type LeaseRange, leaseRanges, leaseTasks, sliceRanges } from "../lease.ts";
import { leaseSize } from "../lease-size.ts";
import type { QueueEntry } from "../queue-entry.ts";
import { eligibility } from "../queue-name.ts";
import { candidatesFor, chooseEngine } from "./choose-engine.ts";
import { fitLease } from "./lease-span.ts";
import { fullLoad } from "./room.ts";
import type { Scheme } from "./scheme.ts";

/**
 * Maximum number of leases in one engine's row, under any high-water mark. Every write of the row contains all of them,
 * and is billed by the kilobyte.
 */
export const MOST_LEASES = 48;

/** Claimable work, as seen by one placing pass. */
export interface Offer {
  entry: QueueEntry;
  /** Upper bound on the number of tasks left to claim. */
  remaining: number;
  measured?: { meanMs: number; tasks: number } | undefined;
}

/**
 * Upper bound on the number of a job's tasks left to claim, over all offers of the job. There may be many offers,
 * because retries are queued a few at a time.
 */
export function remainingOfJob(job: string, offers: readonly Offer[]): number {
  return offers.reduce((sum, { entry, remaining }) => sum + (entry.job === job ? remaining : 0), 0);
}

/** How many tasks of a queue entry go to which engine, in the order in which the engines were drawn. */
export interface Share {
  entry: QueueEntry;
  draws: { engine: number; tasks: number }[];
}

/**
 * Push: distributes waiting work among engines with room. Runs when work arrives or an engine gets room. Takes entries
 * in queue order, and lets `choose-engine.ts` pick an engine for each piece. The other path is `pull-work.ts`.
 *
 * @param engines least recently assigned first
 */
export function shareWork(
  offers: readonly Offer[],
  engines: readonly Engine[],
  policy: { hwm: HighWaterMark; scheme: SchemeName | Scheme },
  random: () => number,
): Share[] {
  const { hwm } = policy;
  const limit = fullLoad(hwm);
  const loads = new Map(engines.map((engine) => [engine.id, engineLoad(engine)]));
  const leases = new Map(engines.map((engine) => [engine.id, engine.leases.length]));
  let order = [...engines];
  const waitingJobs = new Set(offers.map(({ entry }) => entry.job)).size;
  const shares: Share[] = [];
  for (const [at, { entry: queueEntry, remaining, measured }] of offers.entries()) {
    const behind = remainingOfJob(queueEntry.job, offers.slice(at + 1));
    const eligible = order.filter(eligibility(queueEntry.queue));
    const short = eligible.filter(({ id }) => (leases.get(id) ?? 0) < MOST_LEASES);
    const open = candidatesFor(queueEntry, short, loads, limit);
    const drawer = chooseEngine(open, limit, queueEntry.scheme ?? policy.scheme, random);
    const draws: Share["draws"] = [];
    for (let left = remaining; left > 0 && drawer.hasRoom(); ) {
      const size = leaseSize(hwm === "adaptive" || hwm === 0 ? hwm : 1, {
        meanMs: measured?.meanMs,
        previous: measured?.tasks,
        remaining: hwm === 0 ? queueEntry.tasks : left + behind,
        engines: eligible.length,
        waitingJobs,
        specBytes: queueEntry.specBytes,
        atMost: queueEntry.requeued?.atMost,
      });
      const tasks = Math.min(size, left);
      const drawn = drawer.place(tasks);
      if (!drawn) break;
      draws.push({ engine: drawn.id, tasks });
      loads.set(drawn.id, drawn.load);
      left -= tasks;
    }
    if (draws.length === 0) continue;
    shares.push({ entry: queueEntry, draws });
    // Engines that were drawn go to the back of the list, in the order of their last draw.
    const lastDraw = new Map(draws.map(({ engine }, at) => [engine, at + 1]));
    order = order.toSorted((a, b) => (lastDraw.get(a.id) ?? 0) - (lastDraw.get(b.id) ?? 0));
    for (const engine of lastDraw.keys()) leases.set(engine, (leases.get(engine) ?? 0) + 1);
  }
  return shares;
}

/**
 * Cuts claimed tasks into leases by engine, in the order of the draws. The draws may add up to more tasks than were
 * claimed.
 */
export function cutLeases(
  runs: readonly LeaseRange[],
  draws: Share["draws"],
  atMost: number = LEASE_SPAN,
): Map<number, LeaseRange[][]> {
  const most = Math.min(atMost, LEASE_SPAN);
  const cut = new Map<number, LeaseRange[][]>();
  let at = 0;
  for (const { engine, tasks } of draws) {
    const drawn = sliceRanges(runs, at, at + tasks);
    at += tasks;
    if (drawn.length === 0) break;
    const leases = cut.get(engine) ?? [];
    cut.set(engine, leases);
    for (const run of drawn) addRun(leases, run, most);
  }
  return cut;
}

/** Appends a range to the last lease as far as the range fits there, and its rest to new leases. */
function addRun(leases: LeaseRange[][], run: LeaseRange, most: number): void {
  for (let from = run.from; from < run.to; ) {
    const to = Math.min(run.to, from + most);
    const piece = { ...run, from, to };
    const last = leases.at(-1);
    const tail = last?.at(-1);
    const both = { runs: [...(last ?? []), piece] };
    if (!last || !tail || leaseTasks(both) > most || !fitLease(leaseRanges(both))) leases.push([piece]);
    else if (tail.to === piece.from && tail.attempt === piece.attempt) tail.to = piece.to;
    else last.push(piece);
    from = to;
  }
}

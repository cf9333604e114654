import type { HighWaterMark, SchemeName } from "../../protocol/flags.ts";
import { LEASE_SPAN } from "../../protocol/spec-page.ts";
import { type Engine, engineLoad } from "../engine.ts";
import { type LeaseRange, leaseIndexRanges, leaseTasks, sliceRanges } from "../lease.ts";
import { leaseSize } from "../lease-size.ts";
import type { QueueEntry } from "../queue-entry.ts";
import { eligibility } from "../queue-name.ts";
import type { TaskLength } from "../task-length.ts";
import { candidatesFor, chooseEngine } from "./choose-engine.ts";
import { fairParts, heldByJob } from "./fair-share.ts";
import { fitLease } from "./lease-span.ts";
import { fullLoad } from "./room.ts";
import type { Scheme } from "./scheme.ts";

/**
 * Maximum number of leases in one engine's row, under any high-water mark. Every write of the row contains all of them,
 * and is billed by the kilobyte.
 */
export const MAX_LEASES = 48;

/** Claimable work, as seen by one placing pass. */
export interface Offer {
  entry: QueueEntry;
  /** Upper bound on the number of tasks left to claim. */
  remaining: number;
  measured?: Omit<TaskLength, "weight"> | undefined;
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

/** How leases are cut, and which scheme places them. */
export interface PlacingPolicy {
  hwm: HighWaterMark;
  scheme: SchemeName | Scheme;
}

/**
 * Push: distributes waiting work among engines with room. Runs when work arrives or an engine gets room. Takes entries
 * in queue order, and lets `choose-engine.ts` pick an engine for each piece. Jobs of equal priority share the room (see
 * `fair-share.ts`); what one of them cannot use goes to the others. The other path is `pull-work.ts`.
 *
 * @param engines least recently assigned first
 */
export function shareWork(
  offers: readonly Offer[],
  engines: readonly Engine[],
  policy: PlacingPolicy,
  random: () => number,
): Share[] {
  const pass = new PushPass(offers, engines, policy, random);
  const held = heldByJob(
    engines.flatMap(({ leases }) => leases),
    policy.hwm,
  );
  for (const priority of new Set(offers.map(({ entry }) => entry.priority))) {
    const room = pass.room();
    if (room === 0) break;
    const wanted = pass.wanted(priority);
    if (wanted.size > 1 && Number.isFinite(room)) pass.give(priority, fairParts(wanted, held, room));
    pass.give(priority);
  }
  return pass.shares();
}

/** One distribution of waiting work, which keeps track of the engines' loads and order. */
class PushPass {
  /** The work that has no engine yet, with what each offer has been given. */
  private readonly offers: (Offer & { draws: Share["draws"] })[];
  private readonly policy: PlacingPolicy;
  private readonly random: () => number;
  private readonly limit: number;
  private readonly waitingJobs: number;
  private readonly loads: Map<number, number>;
  private readonly leases: Map<number, number>;
  private order: Engine[];

  constructor(offers: readonly Offer[], engines: readonly Engine[], policy: PlacingPolicy, random: () => number) {
    this.offers = offers.map((offer) => ({ ...offer, draws: [] }));
    this.policy = policy;
    this.random = random;
    this.limit = fullLoad(policy.hwm);
    this.waitingJobs = new Set(offers.map(({ entry }) => entry.job)).size;
    this.loads = new Map(engines.map((engine) => [engine.id, engineLoad(engine)]));
    this.leases = new Map(engines.map((engine) => [engine.id, engine.leases.length]));
    this.order = [...engines];
  }

  /** Number of pieces for which the engines still have room. */
  room(): number {
    return [...this.loads.values()].reduce((sum, load) => sum + Math.max(0, this.limit - load), 0);
  }

  /** Number of tasks of each job with this priority, in queue order. */
  wanted(priority: number): Map<string, number> {
    const offers = this.offers.filter(({ entry }) => entry.priority === priority);
    return new Map(offers.map(({ entry: { job } }) => [job, remainingOfJob(job, offers)]));
  }

  /**
   * Assigns work of this priority to engines with room, in queue order.
   *
   * @param parts maximum number of pieces for each job; lowered by those assigned. Default: limited only by the room
   */
  give(priority: number, parts?: Map<string, number>): void {
    for (const [at, { entry, remaining }] of this.offers.entries()) {
      const most = parts ? (parts.get(entry.job) ?? 0) : Number.POSITIVE_INFINITY;
      if (entry.priority !== priority || remaining === 0 || most === 0) continue;
      const given = this.giveOffer(at, most);
      parts?.set(entry.job, most - given);
    }
  }

  /** Assigns at most `most` pieces of an offer. Returns the number of pieces assigned. */
  private giveOffer(at: number, most: number): number {
    const { policy, limit, loads, leases } = this;
    const [offer, ...rest] = this.offers.slice(at);
    if (!offer) return 0;
    const { entry, measured } = offer;
    const eligible = this.order.filter(eligibility(entry.queue));
    const short = eligible.filter(({ id }) => (leases.get(id) ?? 0) < MAX_LEASES);
    const drawer = chooseEngine(
      candidatesFor(entry, short, loads, limit),
      limit,
      entry.scheme ?? policy.scheme,
      this.random,
    );
    const behind = remainingOfJob(entry.job, rest);
    const drawn: Share["draws"] = [];
    while (offer.remaining > 0 && drawn.length < most && drawer.hasRoom()) {
      const size = leaseSize(policy.hwm === "adaptive" || policy.hwm === 0 ? policy.hwm : 1, {
        meanMs: measured?.meanMs,
        reliable: measured?.reliable,
        remaining: policy.hwm === 0 ? entry.tasks : offer.remaining + behind,
        engines: eligible.length,
        waitingJobs: this.waitingJobs,
        specBytes: entry.specBytes,
        atMost: entry.requeued?.atMost,
      });
      const tasks = Math.min(size, offer.remaining);
      const placed = drawer.place(tasks);
      if (!placed) break;
      drawn.push({ engine: placed.id, tasks });
      loads.set(placed.id, placed.load);
      offer.remaining -= tasks;
    }
    offer.draws.push(...drawn);
    if (drawn.length > 0) this.moveBack(drawn);
    return drawn.length;
  }

  /** Moves engines that were drawn to the back of the list, in the order of their last draw. */
  private moveBack(drawn: Share["draws"]): void {
    const lastDraw = new Map(drawn.map(({ engine }, at) => [engine, at + 1]));
    this.order = this.order.toSorted((a, b) => (lastDraw.get(a.id) ?? 0) - (lastDraw.get(b.id) ?? 0));
    for (const engine of lastDraw.keys()) this.leases.set(engine, (this.leases.get(engine) ?? 0) + 1);
  }

  shares(): Share[] {
    return this.offers.filter(({ draws }) => draws.length > 0).map(({ entry, draws }) => ({ entry, draws }));
  }
}

/**
 * Cuts claimed tasks into leases by engine, in the order of the draws. The draws may add up to more tasks than were
 * claimed.
 */
export function cutLeases(
  ranges: readonly LeaseRange[],
  draws: Share["draws"],
  atMost: number = LEASE_SPAN,
): Map<number, LeaseRange[][]> {
  const most = Math.min(atMost, LEASE_SPAN);
  const cut = new Map<number, LeaseRange[][]>();
  let at = 0;
  for (const { engine, tasks } of draws) {
    const drawn = sliceRanges(ranges, at, at + tasks);
    at += tasks;
    if (drawn.length === 0) break;
    const leases = cut.get(engine) ?? [];
    cut.set(engine, leases);
    for (const range of drawn) addRange(leases, range, most);
  }
  return cut;
}

/** Appends a range to the last lease as far as the range fits there, and its rest to new leases. */
function addRange(leases: LeaseRange[][], range: LeaseRange, most: number): void {
  for (let from = range.from; from < range.to; ) {
    const to = Math.min(range.to, from + most);
    const piece = { ...range, from, to };
    const last = leases.at(-1);
    const tail = last?.at(-1);
    const both = { ranges: [...(last ?? []), piece] };
    if (!last || !tail || leaseTasks(both) > most || !fitLease(leaseIndexRanges(both))) leases.push([piece]);
    else if (tail.to === piece.from && tail.attempt === piece.attempt) tail.to = piece.to;
    else last.push(piece);
    from = to;
  }
}

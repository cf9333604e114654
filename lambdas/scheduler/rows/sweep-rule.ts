import * as v from "valibot";
import { bodyCodec } from "../../protocol/row-body.ts";
import { OPEN_PARTITION, type Row, SWEEPS_KEY } from "../../protocol/rows.ts";
import type { Configured } from "../ports/cluster-config.ts";
import type { Clock, Log, SweepSwitch } from "../ports/scheduler-ports.ts";
import { readable } from "./readable.ts";
import type { EngineReads, SweepAccess } from "./row-access.ts";

/**
 * The one-minute rule is enabled while a job is open, so that an idle cluster runs nothing.
 *
 * EventBridge has no conditional calls, and its calls may be lost, late or throttled. So a row among the engines' rows
 * records the rule's state. Passes read it together with the engines, so a submit costs nothing extra while the rule is
 * on. Invariants:
 *
 * 1. The row is `on` only after an `enable` was acknowledged. A pass that needs sweeps and finds the row `off` or
 *    absent enables the rule first and then swaps the row to `on`. If the call fails, the row stays `off`, and the next
 *    pass tries again.
 * 2. `disable` is followed by a swap of the row, from `off` to `off` at a higher rev. A pass that had read the row
 *    before, and may have enabled the rule before it was disabled, has its own swap refused and enables again. If that
 *    pass swapped first, the sweep's swap is refused, and the sweep enables the rule again itself.
 * 3. A submit reads the row while it writes its jobs, in no fixed order. So the sweep turns the row `off` long before
 *    it disables the rule: a pass that still read `on` has ended by then, and the sweep sees its jobs, because they are
 *    listed before anything else.
 *
 * Three cases remain: an `enable` that was refused; a scheduler that dies between its `disable` and its swap while a
 * submit arrives; and a rule changed from outside, as by a deployment. In the first case the row is `off`, in the
 * others it grows older than `UNSWEPT_MS`, and the next pass to read it enables the rule: a submit, the tick of a
 * waiting client, a report with work to place or delay, or the heartbeat of a task that runs for longer than a second.
 */

/** Whether the row says that the rule is enabled. */
type RuleState = "on" | "off";

const sweepsBody = bodyCodec(
  v.object({
    /**
     * While `on`: the time of the last sweep, or when the rule was enabled. While `off`: when the row was set to `off`.
     * Epoch milliseconds.
     */
    at: v.number(),
  }),
);

/**
 * Time, in milliseconds, added to the longest duration of a pass, because clocks differ, and a request of a dead pass
 * may still arrive.
 */
const SLACK_MS = 5000;

/**
 * Longest time, in milliseconds, that a process goes without reading the row while its engines only send heartbeats.
 */
const WATCH_MS = 30_000;

/** Time without a sweep, in milliseconds, after which the rule counts as lost. */
const UNSWEPT_MS = 180_000;

/**
 * Makes sure that the rule is on, at the end of a pass that may be the only one to know of an open job. Costs nothing
 * if this pass has read the row and it is `on`.
 *
 * If the rule cannot be enabled now, the pass does not fail: a later one enables it.
 *
 * @param knowsOpen whether the caller knows of an open job. If not, nothing is done unless this pass has read the row
 *   and it is not `on`; then the open jobs are listed first
 */
export async function keepSweeping(cluster: SweepAccess, knowsOpen = false): Promise<void> {
  if (!cluster.memory.fleet.sweeps && !knowsOpen) return;
  for (;;) {
    const { row } = cluster.memory.fleet.sweeps ?? (await readSweeps(cluster));
    const now = cluster.now();
    if (row?.state === "on" && now - at(cluster, row) < UNSWEPT_MS) return;
    if (!knowsOpen && (await cluster.store.list(OPEN_PARTITION, { limit: 1 })).length === 0) return;
    if (!(await enabled(cluster)) || (await put(cluster, row, "on", now))) return;
    cluster.memory.fleet.sweeps = undefined;
  }
}

/**
 * Records that a sweep has run and found work, so that the rule does not count as lost. Enables the rule if the row is
 * not `on`.
 */
export async function noteSweep(cluster: SweepAccess): Promise<void> {
  const row = cluster.memory.fleet.sweeps?.row;
  if (row?.state !== "on") return keepSweeping(cluster, true);
  await put(cluster, row, "on", cluster.now());
}

/**
 * Turns the row off after a sweep that has found nothing to do. If it has been off for long enough, disables the rule.
 *
 * @param began a time before the open jobs were listed and the row was read, epoch milliseconds
 */
export async function stopSweeping(cluster: SweepAccess & Configured, began: number): Promise<void> {
  const { row } = cluster.memory.fleet.sweeps ?? (await readSweeps(cluster));
  if (row?.state !== "off") {
    await put(cluster, row, "off", cluster.now());
    return;
  }
  // The sweep's write of `off` may arrive as late as `passMs` after it began, and a pass that read `on` until then may
  // last as long again.
  if (began - at(cluster, row) < 2 * cluster.config.passMs + SLACK_MS) return;
  try {
    await cluster.sweepRule.disable();
  } catch (error) {
    // The call may have disabled the rule although it failed. If it has not, the next sweep tries again.
    cluster.log("sweeps-not-disabled", { error: String(error) });
  }
  // If the swap is refused, this call may have undone another pass's `enable`, so enable the rule again. If that was
  // not needed, the next sweep disables it.
  if (!(await put(cluster, row, "off", at(cluster, row)))) await enabled(cluster);
}

async function enabled(cluster: Log & SweepSwitch): Promise<boolean> {
  try {
    await cluster.sweepRule.enable();
    return true;
  } catch (error) {
    cluster.log("sweeps-not-enabled", { error: String(error) });
    return false;
  }
}

/**
 * Reads the row at a heartbeat, at most every `WATCH_MS` in each process. During long tasks, no other message may cause
 * a process to read it.
 */
export async function watchSweeps(cluster: EngineReads & Clock): Promise<void> {
  const now = cluster.now();
  if (now - cluster.memory.fleet.sweepsWatched < WATCH_MS) return;
  cluster.memory.fleet.sweepsWatched = now;
  await readSweeps(cluster);
}

/** Reads the row alone; `listEngines` reads it along with the engines. */
async function readSweeps(cluster: EngineReads): Promise<{ row: Row | undefined }> {
  const [row] = await cluster.store.read([SWEEPS_KEY]);
  cluster.memory.fleet.sweeps = { row };
  return cluster.memory.fleet.sweeps;
}

/**
 * Replaces the row if it is unchanged since `before` was read. Atomic against every other change of the row.
 *
 * @returns whether the row was replaced; also false if that is unknown because a response was lost
 */
async function put(cluster: EngineReads, before: Row | undefined, state: RuleState, time: number): Promise<boolean> {
  const row: Row = { ...SWEEPS_KEY, body: sweepsBody.encode({ at: time }), state, rev: (before?.rev ?? 0) + 1 };
  const done = before
    ? (await cluster.store.swap(row, before.rev ?? 0)) === true
    : (await cluster.store.putOnce(row)) === undefined;
  cluster.memory.fleet.sweeps = done ? { row } : undefined;
  return done;
}

/**
 * When the row was written. A row that cannot be read counts as infinitely old, so that the next pass that reads it
 * replaces it.
 */
function at(cluster: Log, row: Row): number {
  return readable(cluster, row, sweepsBody.parse)?.at ?? 0;
}

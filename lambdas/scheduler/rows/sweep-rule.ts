import * as v from "valibot";
import { bodyCodec } from "../../protocol/row-body.ts";
import { OPEN_PARTITION, type Row, SWEEPS_KEY } from "../../protocol/rows.ts";
import type { Cluster } from "../cluster.ts";
import { readable } from "./readable.ts";

/**
 * The one-minute rule is enabled while a job is open, and nothing runs while none is.
 *
 * EventBridge's switch knows no conditions, and its calls may be lost, late or throttled. So a row among the engines' stands
 * beside it, which passes read along with these: a submit while the rule is on costs nothing. What holds:
 *
 * 1. The row is `on` only after an `enable` was acknowledged. Who needs sweeps and finds it `off`, or absent, enables first and
 *    swaps the row to `on` then; a call that failed leaves `off`, and the next pass does it.
 * 2. `disable` is followed by a swap of the row, from `off` to `off` at a higher rev. Whoever had read the row before that, and may
 *    have enabled before the rule was disabled, is refused its own swap and enables again; where it has swapped first, the sweep
 *    is refused, and enables again itself.
 * 3. A submit reads the row while it writes its jobs, in no order. So the sweep turns the row `off` long before it disables
 *    the rule: a pass that still saw `on` has ended by then, and its jobs are seen, as they are listed before all else.
 *
 * What is left: an `enable` that was refused; a scheduler that dies between its `disable` and its swap while a submit comes; the rule
 * changed from outside, as by a deployment. In the first case the row is `off`, in the others it grows old, and whoever
 * reads it next enables the rule: a submit, the tick of a client that waits, a report with work to place or to put off,
 * the heartbeat of a task that runs for longer than a second.
 */

/** Whether the row says that the rule is on. */
type RuleState = "on" | "off";

/** The row's body. */
const sweepsBody = bodyCodec(
  v.object({
    /** While `on`, when the last sweep was, or since when it is; while `off`, since when. Epoch milliseconds. */
    at: v.number(),
  }),
);

/** Added to the longest life of a pass: clocks differ, and a request of a dead pass may still arrive. */
const SLACK_MS = 5000;

/** Longest that a process whose engines only send heartbeats does not look. */
const WATCH_MS = 30_000;

/** Sweeps that have not come for so long will not. */
const UNSWEPT_MS = 180_000;

/**
 * Ends a pass that may be the only one to know of an open job: sees to it that the rule is on. Costs nothing where the row was
 * read in this pass and is `on`. A rule that cannot be enabled now is no failure of the pass: a later one does it.
 *
 * @param knowsOpen claims that there is an open job; otherwise it is looked for one, where the rule is not on
 */
export async function keepSweeping(cluster: Cluster, knowsOpen = false): Promise<void> {
  if (!cluster.sweeps && !knowsOpen) return;
  for (;;) {
    const { row } = cluster.sweeps ?? (await readSweeps(cluster));
    const now = cluster.now();
    if (row?.state === "on" && now - at(cluster, row) < UNSWEPT_MS) return;
    if (!knowsOpen && (await cluster.store.list(OPEN_PARTITION, { limit: 1 })).length === 0) return;
    if (!(await enabled(cluster)) || (await put(cluster, row, "on", now))) return;
    cluster.sweeps = undefined;
  }
}

/** Ends a sweep that has found work: notes that it came, so that nobody thinks the rule lost. */
export async function noteSweep(cluster: Cluster): Promise<void> {
  const row = cluster.sweeps?.row;
  if (row?.state !== "on") return keepSweeping(cluster, true);
  await put(cluster, row, "on", cluster.now());
}

/**
 * Ends a sweep that has found nothing to do: turns the row off, and where it has been so for long enough, the rule.
 *
 * @param began a moment before the open jobs were listed, and then the row read; epoch milliseconds
 */
export async function stopSweeping(cluster: Cluster, began: number): Promise<void> {
  const { row } = cluster.sweeps ?? (await readSweeps(cluster));
  if (row?.state !== "off") {
    await put(cluster, row, "off", cluster.now());
    return;
  }
  // A sweep's own write may land as late as it lives, and a pass that read `on` until then lives on as long.
  if (began - at(cluster, row) < 2 * cluster.config.passMs + SLACK_MS) return;
  try {
    await cluster.sweepRule.disable();
  } catch (error) {
    // It may have been done all the same. If not, the next sweep tries it again.
    cluster.log("sweeps-not-disabled", { error: String(error) });
  }
  // Refused, it may have undone another's `enable`. If nobody needed it, the next sweep disables again.
  if (!(await put(cluster, row, "off", at(cluster, row)))) await enabled(cluster);
}

async function enabled(cluster: Cluster): Promise<boolean> {
  try {
    await cluster.sweepRule.enable();
    return true;
  } catch (error) {
    cluster.log("sweeps-not-enabled", { error: String(error) });
    return false;
  }
}

/** Reads the row for a pass that has no other reason to, unless this process has done so lately. */
export async function watchSweeps(cluster: Cluster): Promise<void> {
  const now = cluster.now();
  if (now - cluster.sweepsWatched < WATCH_MS) return;
  cluster.sweepsWatched = now;
  await readSweeps(cluster);
}

/** Reads the row by itself; `listEngines` reads it along with the engines. */
async function readSweeps(cluster: Cluster): Promise<{ row: Row | undefined }> {
  const [row] = await cluster.store.read([SWEEPS_KEY]);
  cluster.sweeps = { row };
  return cluster.sweeps;
}

/**
 * Replaces the row as it was read. Atomic against every other change.
 *
 * @returns false when it was changed meanwhile, or may have been: an answer was lost
 */
async function put(cluster: Cluster, before: Row | undefined, state: RuleState, time: number): Promise<boolean> {
  const row: Row = { ...SWEEPS_KEY, body: sweepsBody.encode({ at: time }), state, rev: (before?.rev ?? 0) + 1 };
  const done = before
    ? (await cluster.store.swap(row, before.rev ?? 0)) === true
    : (await cluster.store.putOnce(row)) === undefined;
  cluster.sweeps = done ? { row } : undefined;
  return done;
}

/** A row that cannot be read is as old as can be, so that whoever finds it writes it anew. */
function at(cluster: Cluster, row: Row): number {
  return readable(cluster, row, sweepsBody.parse)?.at ?? 0;
}

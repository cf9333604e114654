import { type IndexRange, mergedRanges } from "../../lambdas/protocol/index-ranges.ts";
import { jobKey } from "../../lambdas/protocol/rows.ts";
import type { Job } from "./a-job.ts";
import type { SeededChance } from "./seeded-chance.ts";
import type { World } from "./world.ts";

/** How many aborts a run has. */
const ABORTS = 30;

/**
 * A client that aborts the tasks that are claimed next, so that claims come between the abort's look at the job and its
 * write. By chance alone, few aborts are so near the cursor.
 */
export async function abortAtCursor(
  world: World,
  chance: SeededChance,
  aborted: Map<Job, IndexRange[]>,
): Promise<void> {
  for (let times = 0; times < ABORTS; times++) {
    await world.clock.sleep(chance.between(0, 50));
    const [one, ...others] = world.jobs.filter(({ header }) => {
      const { from = 0, to = 0, state } = world.tables.peek(jobKey(header.id)) ?? {};
      return state === "open" && from < to;
    });
    if (one === undefined) continue;
    const job = chance.pick([one, ...others]);
    const { from = 0, to = 0 } = world.tables.peek(jobKey(job.header.id)) ?? {};
    const first = Math.min(to - 1, from + chance.between(0, 1));
    const range: IndexRange = [first, Math.min(to, first + chance.between(1, 3))];
    aborted.set(job, mergedRanges([...(aborted.get(job) ?? []), range]));
    const answer = await world.send({ type: "abort", jobs: [{ job: job.header.id, ranges: [range] }] });
    if (answer.type !== "ok") world.violations.push(`an abort at the cursor was answered ${JSON.stringify(answer)}`);
  }
}

import { jobStateOf } from "../../lambdas/core/job-state.ts";
import { attemptIn } from "../../lambdas/core/lease.ts";
import { Releases } from "../../lambdas/core/releases.ts";
import { canReach, type TaskState, taskState } from "../../lambdas/core/task-state.ts";
import { FINAL_STATUSES } from "../../lambdas/protocol/outcome-page.ts";
import { bucketOf, jobKey, ledgerKey } from "../../lambdas/protocol/rows.ts";
import type { Job } from "./a-job.ts";
import type { World } from "./world.ts";

/** Follows the state of every task of a world, and records each move that is not in the table of moves. */
export class TaskMoves {
  readonly #world: World;
  readonly #states = new Map<string, TaskState>();
  /** The moves that are not allowed. */
  readonly wrong: string[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** Checks every task once. */
  look(): void {
    for (const job of this.#world.jobs)
      for (const [index, state] of statesOf(this.#world, job).entries()) {
        const name = `${job.header.id.slice(-3)}.${index}`;
        const before = this.#states.get(name);
        this.#states.set(name, state);
        if (before !== undefined && before !== state && !canReach(before, state))
          this.wrong.push(`${name} was ${before}, and is ${state}`);
      }
  }
}

function statesOf(world: World, job: Job): TaskState[] {
  const { id, tasks, free = tasks } = job.header;
  const row = world.tables.peek(jobKey(id));
  if (!row) return [];
  const outcomes = world.outcomes(job);
  const held = world.engines().flatMap(({ leases, parked }) => [...leases, ...parked].filter((one) => one.job === id));
  const releases = new Map<number, Releases>();
  const isWaiting = (index: number) => {
    if (index < free) return false;
    const group = job.waits?.find(({ from, to }) => index >= from && index < to);
    const bucket = bucketOf(group?.from ?? index);
    const known = releases.get(bucket) ?? new Releases(world.tables.peek(ledgerKey(id, bucket))?.opened);
    releases.set(bucket, known);
    return known.waiting([index, index + 1]).length > 0;
  };
  return Array.from({ length: tasks }, (_, index) =>
    taskState({
      outcome: FINAL_STATUSES.find((status) => status === outcomes.get(index)?.[0]?.status),
      isHeld: held.some((lease) => attemptIn(lease, index) !== undefined),
      isWaiting: isWaiting(index),
      job: jobStateOf(row),
    }),
  );
}

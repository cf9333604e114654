import { jobStateOf } from "../../lambdas/core/job-state.ts";
import { attemptIn, type Lease } from "../../lambdas/core/lease.ts";
import { Releases } from "../../lambdas/core/releases.ts";
import { canReach, type TaskState, taskState } from "../../lambdas/core/task-state.ts";
import { FINAL_STATUSES } from "../../lambdas/protocol/outcome-page.ts";
import { bucketOf, jobKey, ledgerKey, type Row } from "../../lambdas/protocol/rows.ts";
import type { Job } from "./a-job.ts";
import type { World } from "./world.ts";

/** Everything that determines the states of a job's tasks, and these states. */
interface Seen {
  row: Row | undefined;
  changes: number;
  held: readonly Lease[];
  states: readonly TaskState[];
}

/** Follows the state of every task of a world, and records each move that is not in the table of moves. */
export class TaskMoves {
  readonly #world: World;
  readonly #seen = new Map<Job, Seen>();
  /** The moves that are not allowed. */
  readonly wrong: string[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** Checks the tasks of all jobs that have changed since the last call. */
  look(): void {
    const leases = this.#world.engines().flatMap((engine) => [...engine.leases, ...engine.parked]);
    for (const job of this.#world.jobs) {
      const row = this.#world.tables.peek(jobKey(job.header.id));
      const changes = this.#world.view.changes(job.header);
      const held = leases.filter((lease) => lease.job === job.header.id);
      const before = this.#seen.get(job);
      if (before && before.row === row && before.changes === changes && isSame(before.held, held)) continue;
      const states = row ? statesOf(this.#world, job, row, held) : [];
      this.#seen.set(job, { row, changes, held, states });
      for (const [index, state] of states.entries()) {
        const old = before?.states[index];
        if (old !== undefined && old !== state && !canReach(old, state))
          this.wrong.push(`${job.header.id.slice(-3)}.${index} was ${old}, and is ${state}`);
      }
    }
  }
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((one, at) => one === others[at]);
}

function statesOf(world: World, job: Job, row: Row, held: readonly Lease[]): TaskState[] {
  const { id, tasks, free = tasks } = job.header;
  const outcomes = world.outcomes(job);
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

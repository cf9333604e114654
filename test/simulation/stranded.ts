import { leaseIndexRanges, sliceRanges } from "../../lambdas/core/lease.ts";
import { requeuedName, requeuedTasks } from "../../lambdas/core/queue-entry.ts";
import { parseRecalls, voidAt } from "../../lambdas/core/recall.ts";
import { indexesOf, withoutRanges } from "../../lambdas/protocol/index-ranges.ts";
import { DUE_PARTITION, jobKey, requeuedKey } from "../../lambdas/protocol/rows.ts";
import { dueBody } from "../../lambdas/scheduler/rows/due-rows.ts";
import type { Job } from "./a-job.ts";
import type { World } from "./world.ts";

/**
 * Returns tasks that nobody has: claimed, but neither leased nor queued nor ended. That is normal for a moment only.
 */
function strandedTasks(world: World): Set<string> {
  return new Set(
    world.jobs.flatMap((job) => strandedOf(world, job).map((index) => `${job.header.id.slice(-3)}.${index}`)),
  );
}

function strandedOf(world: World, { header, ...job }: Job): number[] {
  const row = world.tables.peek(jobKey(header.id));
  if (row?.state !== "open") return [];
  const stranded = new Set(indexesOf([[0, Math.min(row.from ?? 0, header.tasks)]]));
  for (const index of world.outcomes({ header, ...job }).keys()) stranded.delete(index);
  for (const { leases, parked } of world.engines())
    for (const lease of [...leases, ...parked])
      if (lease.job === header.id) for (const index of indexesOf(leaseIndexRanges(lease))) stranded.delete(index);
  const recalls = parseRecalls(row.aborted);
  for (const { job: of, requeued: run } of [...world.queueEntries(), ...delayed(world)]) {
    if (of !== header.id || !run) continue;
    const claimed = world.tables.peek(requeuedKey(of, requeuedName(run)))?.from ?? 0;
    const left = leaseIndexRanges({ ranges: sliceRanges(run.ranges, claimed, requeuedTasks(run)) });
    for (const index of indexesOf(withoutRanges(left, voidAt(recalls, run.hop)))) stranded.delete(index);
  }
  return [...stranded];
}

function delayed(world: World) {
  const rows = [...(world.tables.partitions.get(DUE_PARTITION)?.values() ?? [])];
  return rows.map((row) => dueBody.parse(row)).flatMap((due) => (due.type === "queue" ? [due.entry] : []));
}

/** Interval of the checks whether somebody has a killed scheduler's work. */
const LOOK_EVERY_MS = 1000;

/**
 * Records tasks that a scheduler held when it was killed and that nobody got within `ms`. If another scheduler with a
 * task is killed meanwhile, the time starts again.
 */
export class StrandWatch {
  readonly late: string[] = [];
  /** Number of kills that were checked. */
  looked = 0;
  #kills = 0;
  readonly #world: () => World;
  readonly #ms: number;

  constructor(world: () => World, ms: number) {
    this.#world = world;
    this.#ms = ms;
  }

  killed(): void {
    const { clock } = this.#world();
    const kill = ++this.#kills;
    const at = clock.now();
    let lost: Set<string> | undefined;
    const look = () => {
      if (kill !== this.#kills) return;
      const now = strandedTasks(this.#world());
      // Tasks that somebody had in between were recovered, even if they are under way again.
      lost = lost ? new Set([...lost].filter((task) => now.has(task))) : now;
      const last = at + this.#ms;
      if (clock.now() < last) {
        clock.at(Math.min(last, clock.now() + LOOK_EVERY_MS), look);
        return;
      }
      this.looked++;
      for (const task of lost)
        this.late.push(`${task}: nobody has had it for ${this.#ms} ms since its scheduler was killed`);
    };
    // By then, everything done in the step of the kill is visible.
    clock.at(at + 100, look);
  }
}

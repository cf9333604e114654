import { leaseRanges, sliceRanges } from "../../lambdas/core/lease.ts";
import { requeuedName, requeuedTasks } from "../../lambdas/core/queue-entry.ts";
import { parseRecalls, voidAt } from "../../lambdas/core/recall.ts";
import { indexesOf, withoutRanges } from "../../lambdas/protocol/index-ranges.ts";
import { DUE_PARTITION, jobKey, requeuedKey } from "../../lambdas/protocol/rows.ts";
import { dueBody } from "../../lambdas/scheduler/rows/due-rows.ts";
import type { Job } from "./a-job.ts";
import type { World } from "./world.ts";

/** Tasks that nobody has: claimed, and neither leased nor queued nor ended. Each is one for a moment; for longer than that something is wrong. */
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
      if (lease.job === header.id) for (const index of indexesOf(leaseRanges(lease))) stranded.delete(index);
  const recalls = parseRecalls(row.aborted);
  for (const { job: of, run } of [...world.queueEntries(), ...delayed(world)]) {
    if (of !== header.id || !run) continue;
    const claimed = world.tables.peek(requeuedKey(of, requeuedName(run)))?.from ?? 0;
    const left = leaseRanges({ runs: sliceRanges(run.runs, claimed, requeuedTasks(run)) });
    for (const index of indexesOf(withoutRanges(left, voidAt(recalls, run.hop)))) stranded.delete(index);
  }
  return [...stranded];
}

function delayed(world: World) {
  const rows = [...(world.tables.partitions.get(DUE_PARTITION)?.values() ?? [])];
  return rows.map((row) => dueBody.parse(row)).flatMap((due) => (due.type === "queue" ? [due.entry] : []));
}

/** How often it is looked whether somebody has what a killed scheduler had. */
const LOOK_EVERY_MS = 1000;

/**
 * Notes tasks that a scheduler had when it was killed and that nobody has got within `ms` of that. Where another one was killed
 * meanwhile, it is its time that counts.
 */
export class StrandWatch {
  readonly late: string[] = [];
  /** Kills after which it was looked. */
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
      // What somebody had in between was recovered, though it may be on its way again.
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
    // What was done in the step of the kill is done then.
    clock.at(at + 100, look);
  }
}

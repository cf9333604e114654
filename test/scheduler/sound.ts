import { expect } from "vitest";
import type { IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import type { Job } from "../simulation/a-job.ts";
import { leftOver, wrongOutcomes } from "../simulation/invariants.ts";
import type { World } from "../simulation/world.ts";

interface Ending {
  /** Whether a client waits and sends ticks. */
  ticks?: boolean;
  /** Maximum wait for the outcomes, in milliseconds of virtual time. */
  ms?: number;
  /** The ranges that were aborted. */
  aborted?: ReadonlyMap<Job, readonly IndexRange[]>;
}

/**
 * Waits for every job and then for rest. Expects the invariants of every run: one outcome per task, and nothing left
 * over.
 */
export async function expectSound(world: World, { ticks = true, ms = 60_000, aborted }: Ending = {}): Promise<void> {
  await world.complete(world.jobs, { ms, ticks });
  await expectRest(world);
  for (const job of world.jobs)
    expect(wrongOutcomes(world, job, { aborted: aborted?.get(job) ?? [], crashes: world.crashes > 0 })).toEqual([]);
}

/** Lets the rule sweep a few times, and expects that nothing is left to do. */
export async function expectRest(world: World, sweeps = 5): Promise<void> {
  for (let sweep = 0; sweep < sweeps && leftOver(world).length > 0; sweep++) {
    await world.until(world.send({ type: "sweep" }));
    await world.pass(60_000);
  }
  expect(leftOver(world)).toEqual([]);
  expect(world.violations).toEqual([]);
}

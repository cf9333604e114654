import { expect } from "vitest";
import type { DependencyAtRest, WaitGroup } from "../../lambdas/protocol/dependency.ts";
import type { Entry } from "../../lambdas/protocol/outcome-page.ts";
import { aJob, type Behaviour, type Job, type JobPlan } from "../simulation/a-job.ts";
import type { World } from "../simulation/world.ts";

type Kind = "success" | "failure" | "both";

/** Creates a dependency on all or some tasks of a job. */
export function on(
  job: Job,
  {
    all = true,
    by = "success",
    range = [0, job.header.tasks],
  }: { all?: boolean; by?: Kind; range?: [number, number] } = {},
): DependencyAtRest {
  return { on: [[job.header.id, ...range]], all, success: by !== "failure", failure: by !== "success" };
}

/** Creates a job whose tasks all wait for the same. */
export function waitingJob(
  number: number,
  now: number,
  wait: { after?: DependencyAtRest[]; follow?: DependencyAtRest },
  plan: JobPlan = {},
): Job {
  const group: WaitGroup = {
    from: 0,
    to: plan.tasks?.length ?? 1,
    after: wait.after ?? [],
    ...(wait.follow ? { follow: wait.follow } : {}),
  };
  return aJob(number, now, { ...plan, waits: [group] });
}

/** Creates a job in which each task waits for the one before it. */
export function chainJob(number: number, now: number, tasks: readonly Behaviour[], plan: JobPlan = {}): Job {
  const waits = tasks.slice(1).map((_, before): WaitGroup => {
    const dependency: DependencyAtRest = { on: [["", before, before + 1]], all: true, success: true, failure: false };
    return { from: before + 1, to: before + 2, after: [dependency] };
  });
  return aJob(number, now, { ...plan, tasks, waits });
}

export async function submitted(world: World, ...jobs: Job[]): Promise<void> {
  expect(await world.until(world.submit(...jobs))).toEqual({ type: "ok" });
}

/** Returns a task's outcome, its engine, and when it started, or the page's time if it never did. */
export function outcome(world: World, job: Job, index = 0): { entry: Entry; engine: number | undefined; at: number } {
  const found = world
    .pages(job)
    .flatMap(({ page }) => page.entries.map((entry) => ({ entry, engine: page.engine, received: page.received })))
    .filter(({ entry }) => entry.index === index && entry.final);
  expect(found).toHaveLength(1);
  const [only] = found;
  if (!only) throw new Error("no outcome");
  return { entry: only.entry, engine: only.engine, at: only.entry.started ?? only.received };
}

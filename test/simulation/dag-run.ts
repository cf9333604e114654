import {
  allowedEnding,
  allowedOutcomes,
  type Ending,
  followPlaces,
  isMet,
  type ModelTask,
  type Outcome,
} from "../model/allowed-outcomes.ts";
import { jobPart, submitParts } from "./a-job.ts";
import { type FaultRates, NO_FAULTS, randomFaults, type Stranding, strandingFaults } from "./faults.ts";
import { comeToRest, leftOver } from "./invariants.ts";
import { type BuiltDag, buildDag, type DrawnDag } from "./random-dag.ts";
import { doubledStarts, passBy, someRates } from "./random-run.ts";
import { SeededChance } from "./seeded-chance.ts";
import { TaskMoves } from "./task-moves.ts";
import { World, type WorldSettings } from "./world.ts";

const QUIET_AFTER_MS = 30_000;
const REST_WITHIN_MS = 900_000;
const CLOCK_SKEW_MS = 1000;
/** Pages store times in whole milliseconds. */
const ROUNDING_MS = 1;

/** How a task ended in the world. */
interface Ended {
  status: Outcome;
  /** The engine that ran it; undefined: it never ran. */
  engine: number | undefined;
  at: number;
}

export interface DagOptions {
  /**
   * What happens to schedulers that hold claimed work while a client waits. Default: faults at random, now and then.
   */
  stranding?: Stranding;
  /** Rates of the other faults. Default: random. */
  rates?: FaultRates;
  variant?: WorldSettings["variant"];
  /** Called with a description of each event of the run. */
  tell?: WorldSettings["tell"];
}

/**
 * Runs a graph until the cluster is at rest. Returns violations: where it differs from the model, and what is left
 * over.
 */
export async function runDag(
  drawn: DrawnDag,
  faults: boolean,
  { stranding, rates: asked, variant, tell }: DagOptions = {},
): Promise<string[]> {
  const chance = new SeededChance(drawn.seed);
  let now = () => 0;
  const rates = { ...(faults ? someRates(chance) : NO_FAULTS), ...asked };
  const strands = new SeededChance(drawn.seed + 4_000_003);
  const rate = faults && strands.happens(0.4) ? strands.next() * 0.2 : 0;
  const strikes = stranding ?? { rate, stalls: 0.5 };
  const skew = faults ? chance.pick([0, CLOCK_SKEW_MS]) : 0;
  const world: World = new World({
    seed: drawn.seed,
    engines: drawn.engines,
    hwm: drawn.hwm,
    environments: chance.between(1, 4),
    clockSkewMs: skew,
    latencyMs: chance.pick([0, 3, 15]),
    timeoutSeconds: chance.pick([10, 60]),
    faults: strandingFaults(
      randomFaults(chance.fork(), rates, () => now(), QUIET_AFTER_MS),
      strands,
      strikes,
      () => now() >= QUIET_AFTER_MS,
    ),
    ...(variant ? { variant } : {}),
    isCalm: !faults,
    ...(tell ? { tell } : {}),
  });
  const start = world.clock.now();
  now = () => world.clock.now() - start;
  if (rates.rule > 0) passBy(world);
  const dag = buildDag(drawn, start);
  const moves = new TaskMoves(world);
  world.watch = () => moves.look();
  const wrong: string[] = [];
  const leave = strikes.rate > 0 && (stranding || strands.happens(0.5)) ? world.attend() : () => {};
  try {
    await world.until(submitAll(world, dag), 300_000);
    leave();
    await world.complete(world.jobs, { ms: REST_WITHIN_MS, ticks: faults ? chance.happens(0.7) : false });
    await comeToRest(world);
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error));
  }
  wrong.push(
    ...leftOver(world).map((text) => `at rest: ${text}`),
    ...moves.wrong,
    ...world.violations,
    ...world.rules.wrong,
  );
  // An engine whose session was revoked counts as dead, also if only messages of the session were lost.
  const presumedDead = world.engines().some(({ generation }) => generation > 0);
  const crashes = world.crashes + world.silenced > 0 || presumedDead;
  wrong.push(...differences(world, dag, { engines: drawn.engines, crashes }));
  wrong.push(...earlyStarts(world, dag, skew, faults));
  if (!faults) wrong.push(...doubledStarts(world));
  return wrong;
}

/** Submits as a client does: everything from one turn of its event loop in one message. */
async function submitAll(world: World, { jobs }: BuiltDag): Promise<void> {
  const aborts: Promise<unknown>[] = [];
  for (let at = 0; at < jobs.length; ) {
    let end = at + 1;
    while (end < jobs.length && jobs[end]?.gapMs === null) end++;
    const together = jobs.slice(at, end);
    at = end;
    await world.clock.sleep(together[0]?.gapMs ?? 0);
    world.jobs.push(...together.map(({ job }) => job));
    const answer = await world.send(submitParts(together.map(({ job }) => jobPart(job, job.pages, true))));
    if (answer.type !== "ok") throw new Error(`submit was answered ${JSON.stringify(answer)}`);
    for (const { job, abort } of together)
      if (abort)
        aborts.push(
          world.clock
            .sleep(abort.afterMs)
            .then(() => world.send({ type: "abort", jobs: [{ job: job.header.id, ranges: abort.ranges }] })),
        );
  }
  await Promise.all(aborts);
}

/** Returns how every task ended, by number. */
function endings(world: World, dag: BuiltDag, wrong: string[]): Map<number, Ended> {
  const found = new Map<number, Ended>();
  for (const { job } of dag.jobs) {
    const first = dag.firstOf.get(job.header.id) ?? 0;
    for (const { page } of world.pages(job))
      for (const { index, final, status, started, completed } of page.entries) {
        if (!final) continue;
        const name = `${job.header.id.slice(-3)}.${index}`;
        if (status === "timeout" || status === "unmet") {
          wrong.push(`${name} ended as ${status}`);
          continue;
        }
        if (found.has(first + index)) wrong.push(`${name} has more than one outcome`);
        const ran = started !== undefined || status === "lost";
        found.set(first + index, { status, engine: ran ? page.engine : undefined, at: completed ?? page.received });
      }
  }
  return found;
}

/**
 * Returns tasks whose outcome the model does not allow, given the graph alone or the actual outcomes of their parents.
 */
function differences(world: World, dag: BuiltDag, circumstances: { engines: number; crashes: boolean }): string[] {
  const wrong: string[] = [];
  const found = endings(world, dag, wrong);
  const byGraph = allowedOutcomes(dag.model, circumstances);
  const actual = dag.model.map((_, number): Ending => {
    const ended = found.get(number);
    return ended ? { outcomes: new Set([ended.status]), engine: ended.engine } : { outcomes: new Set() };
  });
  for (const [number, task] of dag.model.entries()) {
    const ended = found.get(number);
    const name = nameOf(dag, number);
    if (!ended) {
      wrong.push(`${name} has no outcome`);
      continue;
    }
    const byParents = allowedEnding(task, actual, circumstances);
    for (const allowed of [byGraph[number], byParents])
      if (allowed && !allowed.has(ended.status)) {
        wrong.push(`${name} is ${ended.status}, not ${[...allowed].join(" or ")}; ${describe(task, found, dag)}`);
        break;
      }
    if (task.follow && ended.engine !== undefined) {
      const places = followPlaces(task.follow, actual);
      if (places !== "unknown" && !places.includes(ended.engine))
        wrong.push(`${name} ran on engine ${ended.engine}, not on ${places.join(" or ")} where it follows`);
    }
  }
  return wrong;
}

/** Returns tasks that started before their dependencies were met. */
function earlyStarts(world: World, dag: BuiltDag, skew: number, faults: boolean): string[] {
  const early: string[] = [];
  const found = endings(world, dag, []);
  for (const { job, index, at, engine } of world.starts) {
    const number = (dag.firstOf.get(job) ?? 0) + index;
    const task = dag.model[number];
    if (!task) continue;
    const endedBy = (parent: number) => {
      const ended = found.get(parent);
      // The decision that a task can never run is final. If the scheduler dies right after it, only the sweep reports
      // it.
      if (faults && ended?.status === "impossible") return ended.status;
      return ended && ended.at - skew - ROUNDING_MS <= at ? ended.status : undefined;
    };
    for (const dependency of [...task.after, ...(task.follow ? [task.follow] : [])])
      if (!isMet(dependency, endedBy))
        early.push(`${nameOf(dag, number)} started on engine ${engine} before it could; ${describe(task, found, dag)}`);
  }
  return early;
}

function nameOf(dag: BuiltDag, number: number): string {
  let name = "";
  for (const [job, first] of dag.firstOf) if (number >= first) name = `${job.slice(-3)}.${number - first}`;
  return name;
}

/** Describes what a task waits for and how it ended, for readers of a counterexample. */
function describe(task: ModelTask, found: ReadonlyMap<number, Ended>, dag: BuiltDag): string {
  const one = (text: string, { on, all, success, failure }: NonNullable<ModelTask["follow"]>) =>
    `${text} ${all ? "all" : "any"} of ${on
      .slice(0, 12)
      .map((parent) => `${nameOf(dag, parent)}=${found.get(parent)?.status}@${found.get(parent)?.engine ?? "-"}`)
      .join(",")} by ${[success ? "success" : "", failure ? "failure" : ""].filter(Boolean).join("+")}`;
  return [...task.after.map((a) => one("after", a)), ...(task.follow ? [one("follow", task.follow)] : [])].join("; ");
}

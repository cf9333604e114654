import type { JobFlags } from "../../lambdas/protocol/flags.ts";
import { SCHEME_NAMES } from "../../lambdas/protocol/flags.ts";
import type { IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import type { Pool } from "../../lambdas/scheduler/ports/cluster-config.ts";
import {
  aJob,
  awaitedMessage,
  type Behaviour,
  type Job,
  jobPart,
  MODULE,
  submitMessage,
  submitParts,
} from "./a-job.ts";
import { abortAtCursor } from "./abort-at-cursor.ts";
import { type FaultRates, NO_FAULTS, randomFaults, type Stranding, strandingFaults } from "./faults.ts";
import { flakyMaps } from "./flaky-maps.ts";
import {
  comeToRest,
  doubledRefusals,
  idleBesideWork,
  leftOver,
  lostAttempts,
  unsweptJob,
  wronglyImpossible,
  wronglyRevoked,
  wrongOutcomes,
} from "./invariants.ts";
import { SeededChance } from "./seeded-chance.ts";
import { StrandWatch } from "./stranded.ts";
import { TaskMoves } from "./task-moves.ts";
import { World, type WorldSettings } from "./world.ts";

/** Faults stop after this much of a run, so that it can come to rest. */
const QUIET_AFTER_MS = 30_000;

/** Maximum time from a claim to its lease if schedulers do not stall. */
const CLAIMED_FOR_MS = 3000;

/** Maximum time from then on until rest: a few sweeps and the timeout of a lost invocation. */
const REST_WITHIN_MS = 900_000;

/** Share of runs with many tasks. A few tasks show most bugs, too, and ten small runs take as long as a large one. */
const LARGE = 0.1;

/** Share of jobs whose last task takes a long time. */
const STRAGGLING = 0.15;

/** Share of runs in which engines are added and removed. */
const RESIZED = 0.25;

/** Share of runs in which clients wait for jobs of one task as they submit them. */
const AWAITED = 0.5;

/** When a passer-by sends a message, after the faults have stopped. */
const PASSER_BY_MS = 400_000;

/** Share of runs in which every engine dies silently, or the cloud is restarted. */
const DARKENED = 0.3;

/** Share of runs in which schedulers die or stall while they hold claimed work. */
const STRANDED = 0.4;

/** Share of runs with a job that arrives around the time at which the sweeps stop. */
const LATE = 0.3;

export interface RunOptions {
  /** Whether there are faults. Without them, more is checked: nothing may start twice or wait beside an idle engine. */
  faults?: boolean;
  /** Fixed rates of some faults. */
  rates?: Partial<FaultRates>;
  settings?: Partial<WorldSettings>;
  /** What happens to schedulers that hold claimed work. Default: random, now and then. */
  stranding?: Pick<Stranding, "rate" | "stalls">;
  /**
   * Time within which somebody must take over the work of a killed scheduler, and whether a client waits all the time.
   */
  recovery?: { ms: number; attended: boolean };
  /** How often every engine dies silently while jobs arrive. Default: random, now and then. */
  blackouts?: number;
  /** Whether a client aborts what is claimed next, again and again. Default: false. */
  abortsAtCursor?: boolean;
  /** Maximum number of jobs, and of tasks of each job. */
  atMost?: { jobs?: number; tasks?: number };
  /** Kinds of events, of the client or the machines, to leave out. */
  without?: readonly ("aborts" | "blackouts" | "resizing" | "late jobs" | "repeats")[];
  /** Called with a description of each event of the run. */
  tell?: WorldSettings["tell"];
  /** Whether there are maps with many retries, which engines claim together. Default: false. */
  flaky?: boolean;
  /** Whether half of the jobs have a budget. Default: false. */
  budgets?: boolean;
}

/** The result of a run. */
export interface RunReport {
  wrong: string[];
  tasks: number;
  starts: number;
  kills: number;
  crashes: number;
  virtualMs: number;
  /** Number of killed schedulers with claimed work whose recovery was checked. */
  recoveries: number;
}

/** Makes one whole run from the seed: cluster, jobs and faults. Returns violations. */
export async function randomRun(
  seed: number,
  {
    faults = true,
    rates: asked = {},
    settings = {},
    stranding,
    recovery,
    blackouts,
    abortsAtCursor,
    flaky,
    budgets,
    atMost = {},
    without = [],
    tell,
  }: RunOptions = {},
): Promise<RunReport> {
  const chance = new SeededChance(seed);
  let now = () => 0;
  const rates = { ...(faults ? someRates(chance) : NO_FAULTS), ...asked };
  const strands = new SeededChance(seed + 4_000_003);
  const strandWatch = new StrandWatch(() => world, recovery?.ms ?? 0);
  const killed = recovery ? () => strandWatch.killed() : undefined;
  const rate = faults && strands.happens(STRANDED) ? strands.next() * 0.2 : 0;
  const all = { rate, stalls: 0.5, ...stranding, ...(killed ? { killed } : {}) };
  const isQuiet = () => now() >= QUIET_AFTER_MS;
  const world: World = new World({
    seed,
    pools: somePools(chance),
    scheme: chance.pick(SCHEME_NAMES),
    hwm: chance.pick([0, 1, 3, "adaptive", "adaptive"]),
    environments: chance.between(1, 4),
    clockSkewMs: faults ? chance.pick([0, 0, 1000]) : 0,
    latencyMs: chance.pick([0, 3, 15]),
    faults: strandingFaults(
      randomFaults(chance.fork(), rates, () => now(), QUIET_AFTER_MS),
      strands,
      all,
      isQuiet,
    ),
    ...(flaky ? { hwm: "adaptive" } : {}),
    isCalm: !faults,
    ...(tell ? { tell } : {}),
    claimedForMs: rates.stall === 0 && all.rate === 0 ? CLAIMED_FOR_MS : undefined,
    ...settings,
  });
  const start = world.clock.now();
  now = () => world.clock.now() - start;
  const wrong: string[] = [];
  const moves = new TaskMoves(world);
  world.watch = () => {
    moves.look();
    if (!faults)
      for (const text of [idleBesideWork(world), unsweptJob(world)])
        if (text && wrong.length < 5) wrong.push(`${Math.round(now())} ms: ${text}`);
  };
  const aborted = new Map<Job, IndexRange[]>();
  const clients: Promise<void>[] = [];
  const isLarge = new SeededChance(seed + 8_000_003).happens(LARGE);
  const jobs = Math.min(chance.between(1, isLarge ? 8 : 4), atMost.jobs ?? Number.POSITIVE_INFINITY);
  const isAwaiting = new SeededChance(seed + 6_000_003).happens(AWAITED);
  const spending = budgets ? new SeededChance(seed + 9_000_003) : undefined;
  const mostTasks = atMost.tasks ?? Number.POSITIVE_INFINITY;
  const submit = { aborted, faults, isAwaiting, spending, isLarge, mostTasks, without };
  for (let number = 1; number <= jobs; number++) clients.push(submitLater(world, chance.fork(), number, submit));
  // A separate generator, so that the rest of the seed's run stays the same.
  const resizing = new SeededChance(seed + 1_000_003);
  const enginesGo = resizing.happens(RESIZED) && !without.includes("resizing");
  if (enginesGo) clients.push(resizeLater(world, resizing));
  const late = new SeededChance(seed + 2_000_003);
  if (late.happens(LATE) && !without.includes("late jobs")) clients.push(submitLate(world, late, jobs + 1, submit));
  const dark = new SeededChance(seed + 3_000_003);
  const darkens = !without.includes("blackouts");
  if (blackouts !== undefined) clients.push(stayDark(world, dark, darkens ? blackouts : 0));
  else if (faults && darkens && dark.happens(DARKENED)) clients.push(goDark(world, dark));
  if (abortsAtCursor) clients.push(abortAtCursor(world, new SeededChance(seed + 5_000_003), aborted));
  if (flaky) clients.push(flakyMaps(world, new SeededChance(seed + 7_000_003)));
  if (rates.rule > 0) passBy(world);
  const isAttended = recovery?.attended ?? (rate > 0 && strands.happens(0.5));
  const leave = isAttended ? world.attend() : () => {};
  try {
    await world.until(Promise.all(clients), 600_000);
    leave();
    await world.complete(world.jobs, { ms: REST_WITHIN_MS, ticks: recovery?.attended ?? chance.happens(0.7) });
    await comeToRest(world);
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error));
  }
  wrong.push(...leftOver(world).map((text) => `at rest: ${text}`));
  for (const job of world.jobs)
    wrong.push(
      ...wrongOutcomes(world, job, {
        aborted: aborted.get(job) ?? [],
        crashes: world.crashes + world.silenced > 0,
        enginesGo,
      }),
    );
  const ends = world.crashes + world.silenced;
  if (lostAttempts(world) > ends) wrong.push(`${lostAttempts(world)} attempts are lost by ${ends} ends of engines`);
  for (const job of world.jobs) {
    if (!enginesGo) wrong.push(...wronglyImpossible(world, job));
    wrong.push(...doubledRefusals(world.view, job.header));
  }
  wrong.push(...wronglyRevoked(world, faults));
  if (!faults) wrong.push(...doubledStarts(world));
  wrong.push(...moves.wrong, ...world.violations, ...world.rules.wrong, ...strandWatch.late);
  return {
    recoveries: strandWatch.looked,
    wrong,
    tasks: world.jobs.reduce((sum, { header }) => sum + header.tasks, 0),
    starts: world.starts.length,
    kills: world.fleet.killed,
    crashes: world.crashes,
    virtualMs: now(),
  };
}

/**
 * Sends one message late in the run: with nobody waiting, a rule that could not be switched on stays off until then.
 */
export function passBy(world: World): void {
  world.clock.at(world.clock.now() + PASSER_BY_MS, () => void world.scheduler({ type: "tick" }).catch(() => {}));
}

/** Draws which faults occur, rarely or often, so that each kind meets the others and itself. */
export function someRates(chance: SeededChance): FaultRates {
  const rate = (most: number) => (chance.happens(0.5) ? chance.next() * most : 0);
  return {
    kill: rate(0.03),
    stall: rate(0.02),
    repeat: rate(0.05),
    call: rate(0.1),
    delivery: rate(0.5),
    reply: 0.3,
    throttle: rate(0.5),
    record: rate(0.7),
    crash: rate(0.3),
    rule: rate(0.5),
  };
}

function somePools(chance: SeededChance): Pool[] {
  const pools: Pool[] = [];
  const kinds = chance.between(1, 2);
  for (let kind = 0; kind < kinds; kind++)
    pools.push({
      name: `pool${kind}`,
      count: chance.between(1, 4),
      memoryMb: 1024 * (kind + 1),
      timeoutSeconds: chance.pick([10, 30, 60]),
      functions: [`engines${kind}`],
    });
  return pools;
}

function someFlags(chance: SeededChance, world: World): JobFlags {
  const flags: JobFlags = {};
  const engines = world.pools.reduce((sum, { count }) => sum + count, 0);
  if (chance.happens(0.5)) flags.retries = chance.between(1, 3);
  if (chance.happens(0.3))
    flags.backoff = { initialMs: chance.between(1, 3000), factor: 2, jitter: chance.happens(0.5) };
  if (chance.happens(0.2)) flags.priority = chance.between(-2, 2);
  if (chance.happens(0.1)) flags.timeoutMs = chance.between(100, 5000);
  if (chance.happens(0.1)) flags.deadlineMs = chance.between(500, 20_000);
  if (chance.happens(0.1)) flags.runTimeoutMs = chance.between(50, 5000);
  if (chance.happens(0.2))
    flags.targets = chance.happens(0.5)
      ? (world.pools[0]?.name ?? "pool0")
      : [...new Set([chance.between(0, engines - 1), chance.between(0, engines - 1)])].sort((a, b) => a - b);
  else if (chance.happens(0.1)) flags.memoryMb = 2048 * (world.pools.length - 1);
  if (flags.memoryMb === 0) flags.memoryMb = 1;
  if (chance.happens(0.2)) flags.escalate = true;
  return flags;
}

/** Draws a refusal: by some engines, or by a pool that lacks a module. */
function someRefusal(chance: SeededChance, world: World, ms: number): Behaviour {
  const engines = world.pools.reduce((sum, { count }) => sum + count, 0);
  if (chance.happens(0.3)) return { do: "unmet", ms, lackedBy: [`pool${chance.between(0, world.pools.length - 1)}`] };
  const share = chance.pick([0.3, 0.7, 1]);
  const refusedBy = Array.from({ length: engines }, (_, id) => id).filter(() => chance.happens(share));
  return { do: "unmet", ms, refusedBy };
}

function someTasks(chance: SeededChance, world: World, isLarge: boolean): Behaviour[] {
  const many = isLarge ? chance.between(20, 150) : chance.between(8, 50);
  const count = chance.pick([1, 1, chance.between(2, isLarge ? 20 : 8), many]);
  const straggles = chance.happens(STRAGGLING);
  const ms = chance.pick([0, 1, 1, 20, 300, 1500]);
  const failing = chance.pick(isLarge ? [0, 0, 0.02, 0.2] : [0, 0, 0.1, 0.4]);
  const refusing = chance.pick([0, 0, 0, 0.1, 1]);
  const shared = chance.happens(0.5) ? someRefusal(chance, world, 1) : undefined;
  const most = count > 20 ? Math.min(ms, 20) : ms;
  return Array.from({ length: count }, (_, at): Behaviour => {
    const lasts = straggles && at === count - 1 ? chance.between(1000, 20_000) : Math.round(most * chance.next() * 2);
    if (chance.happens(refusing)) return { ...(shared ?? someRefusal(chance, world, lasts)), ms: lasts };
    if (!chance.happens(failing)) return { do: "ok", ms: lasts };
    const times = chance.pick([1, 2, 10]);
    return { do: chance.pick(["error", "error", "die"]), ms: lasts, times };
  });
}

/** What the clients of a run have in common. */
interface Submitting {
  /** Aborted tasks by job. */
  aborted: Map<Job, IndexRange[]>;
  faults: boolean;
  /** Whether clients wait for jobs of one task. */
  isAwaiting: boolean;
  /** Draws budgets, if jobs may have them. */
  spending: SeededChance | undefined;
  /** Whether jobs may have more than a few tasks. */
  isLarge: boolean;
  mostTasks: number;
  without: NonNullable<RunOptions["without"]>;
}

/** Draws a budget for half of the jobs. A millisecond of an engine with 1 GB costs a nano-dollar. */
function someBudget(chance: SeededChance): JobFlags {
  return chance.happens(0.5) ? { budgetUsd: { usd: chance.between(1, 3000) / 1e9, prices: [0, 1, 1] } } : {};
}

/** Acts as a client: submits a job, perhaps in parts, perhaps again, and perhaps aborts some of it. */
async function submitLater(
  world: World,
  chance: SeededChance,
  number: number,
  { aborted, faults, isAwaiting, spending, isLarge, mostTasks, without }: Submitting,
): Promise<void> {
  await world.clock.sleep(chance.pick([0, chance.between(0, 100), chance.between(0, 10_000)]));
  const pageTasks = chance.pick([1, 5, 20, 100]);
  const job = aJob(number, world.clock.now(), {
    tasks: someTasks(chance, world, isLarge).slice(0, mostTasks),
    flags: { ...someFlags(chance, world), ...(spending && someBudget(spending)) },
    pageTasks,
    ...(chance.happens(0.2) ? { modules: [MODULE] } : {}),
  });
  world.jobs.push(job);
  /** Whether a message was accepted. */
  const expectOk = async (sent: ReturnType<World["send"]>): Promise<boolean> => {
    const answer = await sent;
    // Its targets may be gone, or all engines with enough memory.
    const isGone = answer.type === "error" && (answer.code === "NoEnginesRegistered" || answer.flag === "memoryMb");
    if (isGone) world.jobs = world.jobs.filter((other) => other !== job);
    else if (answer.type !== "ok") world.violations.push(`job ${number} was answered ${JSON.stringify(answer)}`);
    return answer.type === "ok";
  };
  if (job.pages.length > 2 && chance.happens(0.5)) {
    const parts = job.pages.map((page) => jobPart(job, [page], false));
    const last = parts.pop();
    const taken = await Promise.all(parts.map((part) => expectOk(world.send(submitParts([part])))));
    // A client whose part was refused sends no more parts of the job.
    if (!taken.every((one) => one)) return;
    if (last) await expectOk(world.send(submitParts([{ ...last, last: true }])));
  } else {
    const isAwaited = isAwaiting && job.header.tasks === 1;
    await expectOk(world.send(isAwaited ? awaitedMessage(job) : submitMessage(job)));
  }
  if (faults && chance.happens(0.2) && !without.includes("repeats")) {
    await world.clock.sleep(chance.pick([10, 1000, 100_000]));
    await expectOk(world.send(submitMessage(job)));
  }
  for (let times = without.includes("aborts") ? 0 : chance.pick([0, 0, 0, 1, 2]); times > 0; times--) {
    await world.clock.sleep(chance.pick([0, 50, 2000]));
    const from = chance.between(0, job.header.tasks - 1);
    const range: IndexRange = [from, chance.between(from + 1, job.header.tasks)];
    aborted.set(job, [...(aborted.get(job) ?? []), range]);
    await expectOk(world.send({ type: "abort", jobs: [{ job: job.header.id, ranges: [range] }] }));
  }
}

/** Acts as a client that arrives within a few sweeps, often at the same time as one: sweeps run at whole minutes. */
async function submitLate(world: World, chance: SeededChance, ...rest: [number, Submitting]) {
  await world.clock.sleep(60_000 * chance.between(1, 5) + chance.pick([0, chance.between(-30, 30)]));
  await submitLater(world, chance, ...rest);
}

/** Kills every engine once or twice without records, or kills the whole cloud and restarts it. */
async function goDark(world: World, chance: SeededChance): Promise<void> {
  for (let times = chance.between(1, 2); times > 0; times--) {
    await world.clock.sleep(chance.between(0, QUIET_AFTER_MS / 2));
    if (chance.happens(0.5)) world.blackout();
    else await world.restart();
  }
}

async function stayDark(world: World, chance: SeededChance, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await world.clock.sleep(chance.between(100, 1000));
    world.blackout();
  }
}

/** Acts as a user who scales pools and drains engines, and leaves some of each at the end. */
async function resizeLater(world: World, chance: SeededChance): Promise<void> {
  for (let times = chance.between(1, 4); times > 0; times--) {
    await world.clock.sleep(chance.between(0, 4000));
    const pool = `pool${chance.between(0, world.pools.length - 1)}`;
    const message = chance.happens(0.5)
      ? { type: "scale", pool, count: chance.between(0, 6) }
      : { type: "drain", engines: [chance.between(0, 3)] };
    const answer = await world.send(message);
    if (answer.type !== "status" && answer.type !== "error")
      world.violations.push(`${message.type} was answered ${JSON.stringify(answer)}`);
  }
  for (const { name } of world.pools) await world.send({ type: "scale", pool: name, count: 2 });
}

/**
 * Returns attempts that started more than once, although nothing went wrong except by their own tasks, and none
 * escalated.
 */
export function doubledStarts(world: World): string[] {
  // A task may kill its engine, or an engine may time out: then the other tasks of its lease start again.
  if (world.crashes > 0) return [];
  const escalating = new Set(world.jobs.filter(({ header }) => header.flags.escalate).map(({ header }) => header.id));
  const seen = new Set<string>();
  const doubled: string[] = [];
  for (const { job, index, attempt } of world.starts) {
    if (escalating.has(job)) continue;
    const name = `${job}.${index}.${attempt}`;
    if (seen.has(name)) doubled.push(`${job.slice(-3)}.${index} attempt ${attempt} started twice`);
    seen.add(name);
  }
  return doubled;
}

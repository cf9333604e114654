import { createHash } from "node:crypto";
import type { Engine } from "../../lambdas/core/engine.ts";
import type { EngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import { ENGINE_PARTITION } from "../../lambdas/protocol/rows.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import { type Cluster, newCluster } from "../../lambdas/scheduler/messages/cluster.ts";
import type { ClusterConfig } from "../../lambdas/scheduler/ports/cluster-config.ts";
import { reportEndpoint } from "../../lambdas/scheduler/report-endpoint.ts";
import { engineOf } from "../../lambdas/scheduler/rows/engine-rows.ts";
import { schedulerEndpoint } from "../../lambdas/scheduler/scheduler-endpoint.ts";
import { kept, PuppetEngine } from "../scheduler/puppet-engine.ts";
import { aJob, type Job, type JobPlan, jobId, ok, submitMessage } from "../simulation/a-job.ts";
import { MemoryStore } from "../simulation/memory-store.ts";
import { failureRecord, World } from "../simulation/world.ts";

/** A job, and one whose tasks wait for its tasks. */
const WAITED_FOR = jobId(2);
const WAITING = jobId(6);

/** The messages to each endpoint, by type. `failure` is Lambda's on-failure record. */
export type Messages = Record<"scheduler" | "report", Record<string, Record<string, unknown>>>;

/**
 * A cluster in the middle of its work: leases held, begun and not; tasks queued, waiting and parked; jobs finished.
 * After every message it can be restored to that moment.
 */
export class BusyCluster {
  /** A message of each kind that the cluster would accept now, from its legitimate sender. */
  readonly messages: Messages;
  /** The engines at that moment. */
  readonly engines: readonly Engine[];
  readonly #base: MemoryStore;
  readonly #config: ClusterConfig;
  readonly #now: number;
  #cluster: Cluster;
  #store = new MemoryStore();
  /** Number of engine starts and switches of the rule since the last restore. */
  #effects = 0;

  private constructor(base: MemoryStore, messages: Messages, config: ClusterConfig, now: number) {
    this.#base = base;
    this.messages = messages;
    this.#config = config;
    this.#now = now;
    this.engines = [...(base.partitions.get(ENGINE_PARTITION)?.values() ?? [])]
      .filter(({ sk }) => /^\d+$/.test(sk))
      .map(engineOf);
    this.#cluster = this.restore();
  }

  static async start(): Promise<BusyCluster> {
    const { world, messages } = await workedWorld();
    const { pools, hwm } = world;
    const code = { shipping: true, functions: [] };
    const config = { pools, hwm, scheme: "leastload" as const, reportFunction: "report", passMs: 60_000, code };
    return new BusyCluster(world.tables, messages, config, world.clock.now());
  }

  /**
   * Returns the jobs whose tasks an engine may end: those in its leases, their children, and those that wait for
   * either.
   */
  mayEnd(engine: number): string[] {
    const held = this.engines.find(({ id }) => id === engine);
    const jobs = [...(held?.leases ?? []), ...(held?.parked ?? [])].map(({ job }) => job);
    return [...jobs, ...(jobs.includes(WAITED_FOR) ? [WAITING] : [])];
  }

  /** Sends a message to an endpoint, as if nothing had been sent before. */
  say(endpoint: "scheduler" | "report", message: unknown): Promise<SchedulerAnswer | EngineAnswer> {
    return (endpoint === "scheduler" ? schedulerEndpoint : reportEndpoint)(this.#cluster, message);
  }

  /** Whether anything was written, started or switched since the last restore. */
  get isTouched(): boolean {
    return this.#store.version > 0 || this.#effects > 0;
  }

  /** Returns the keys of rows that differ from the beginning. */
  changed(): string[] {
    const [before, after] = [rowsOf(this.#base), rowsOf(this.#store)];
    return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
  }

  /** Returns a digest of every row of both tables. */
  digest(): string {
    const rows = [...rowsOf(this.#store)].map(([key, row]) => `${key}=${JSON.stringify(row)}`).sort();
    return createHash("sha256").update(rows.join("\n")).digest("hex");
  }

  /** Restores the cluster to that moment, in a process with empty caches. */
  restore(): Cluster {
    this.#store = new MemoryStore();
    for (const [pk, rows] of this.#base.partitions) this.#store.partitions.set(pk, new Map(rows));
    this.#effects = 0;
    let secrets = 0;
    const effect = async () => {
      this.#effects++;
    };
    this.#cluster = newCluster(
      {
        store: this.#store,
        engines: { call: async () => ({ type: "running" }), start: effect },
        sweepRule: { enable: effect, disable: effect },
        now: () => this.#now,
        sleep: async () => {},
        randomness: { random: () => 0.5, newSecret: () => String(++secrets).padStart(32, "n") },
        log: () => {},
      },
      this.#config,
      20,
    );
    return this.#cluster;
  }
}

function rowsOf({ partitions }: MemoryStore): Map<string, unknown> {
  return new Map([...partitions].flatMap(([pk, rows]) => [...rows].map(([sk, row]) => [`${pk} ${sk}`, row] as const)));
}

/** Runs a cluster into the middle of its work. */
async function workedWorld(): Promise<{ world: World; messages: Messages }> {
  const events: EngineEvent[] = [];
  const world = new World({ engines: 4, hwm: 2, sweeps: false, latencyMs: 0, faults: kept(events) });
  const job = (number: number, engine: number, plan: JobPlan = {}) =>
    aJob(number, world.clock.now(), { ...plan, flags: { targets: [engine] } });
  const start = async (one: Job) => {
    await world.until(world.submit(one));
    const event = events.at(-1);
    if (!event) throw new Error("no engine was started");
    return new PuppetEngine(world, event);
  };
  const done = job(1, 3, { tasks: [ok(1), ok(1)] });
  const finisher = await start(done);
  await finisher.begin();
  await finisher.report();

  const running = job(2, 0, { tasks: Array.from({ length: 6 }, () => ok(1)) });
  const runner = await start(running);
  await runner.begin();
  const starting = job(3, 1, { tasks: [ok(1), ok(1)] });
  const starter = await start(starting);
  const parent = job(4, 2);
  const waiter = await start(parent);
  await waiter.begin();
  const park = { type: "park", ...waiter.who, seq: 1, leaving: false, have: [] };
  await world.until(world.report(park));
  const child = job(5, 2);
  const of = taskId(parent.header.id, 0);
  await world.until(
    world.report({ type: "ask", ...waiter.who, parent: of, message: { ...submitMessage(child), units: [] } }),
  );
  const on = [
    { on: [[running.header.id, 0, 1]] as [string, number, number][], all: true, success: true, failure: false },
  ];
  await world.until(world.submit(job(6, 1, { waits: [{ from: 0, to: 1, after: on }] })));
  const pushed = { name: "x", engines: [0, 1], value: "1" };
  await world.until(world.send({ type: "push", units: [], values: [pushed] }));
  await world.until(world.scheduler({ type: "sweep" }));

  const submission = { flags: { retries: 1 }, label: "again", submitted: world.clock.now(), client: "fuzz" };
  const fresh = job(7, 0, { tasks: [ok(1), ok(1)], label: "fresh" });
  const whole = [[0, 2]];
  const child2 = submitMessage(job(8, 2));
  const scheduler = {
    submit: { ...submitMessage(fresh) },
    abort: { jobs: [{ job: running.header.id, ranges: [[2, 6]] }] },
    resubmit: { jobs: [{ id: jobId(9), from: done.header.id, ranges: whole }], without: ["timeoutMs"], ...submission },
    purge: { jobs: [{ job: done.header.id, ranges: whole }] },
    push: { units: [], values: [{ name: "y", engines: [0, 1], value: "2" }] },
    pull: { names: ["x"], engines: [0, 1] },
    tick: {},
    sweep: {},
    restarted: { at: world.clock.now() + 1000 },
    scale: { pool: "engines", count: 5 },
    drain: { engines: [1] },
    queue: {},
    status: {},
  };
  const entry = (index: number) => ({ ...runner.ended(index), stdout: "out", stderr: "" });
  const report = {
    begin: { ...starter.who, have: [], granted: false },
    report: {
      ...runner.who,
      seq: 1,
      entries: [entry(0)],
      returned: [],
      running: [1],
      leaving: false,
      more: true,
      have: [],
    },
    heartbeat: { ...runner.who, seq: 1, output: [{ index: 0, stdout: "so far", stderr: "" }] },
    fetch: { ...runner.who, units: ["a".repeat(64)] },
    park: { ...runner.who, seq: 1, leaving: false, have: [] },
    next: { ...waiter.who, have: [] },
    settle: { ...waiter.who, job: parent.header.id, entry: entry(0) },
    ask: { ...waiter.who, parent: of, message: { ...child2, units: [] } },
    read: { ...waiter.who, job: child.header.id, pages: { bucket: 0, first: 0, past: 10 } },
  };
  const typed = (all: Record<string, object>) =>
    Object.fromEntries(Object.entries(all).map(([type, rest]) => [type, { type, ...rest }]));
  const failure = failureRecord(runner.event, "killed") as Record<string, unknown>;
  return { world, messages: { scheduler: typed(scheduler), report: { ...typed(report), failure } } };
}

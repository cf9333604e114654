import { isDeepStrictEqual } from "node:util";
import { FIRST_GAP_MS, MAX_GAP_MS } from "../../client/outcomes/ticker.ts";
import type { EngineReply } from "../../lambdas/adapters/lambda-starter.ts";
import type { Store } from "../../lambdas/adapters/store.ts";
import { type Engine, engineLoad } from "../../lambdas/core/engine.ts";
import type { Scheme } from "../../lambdas/core/placing/scheme.ts";
import type { QueueEntry } from "../../lambdas/core/queue-entry.ts";
import type { EngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import type { HighWaterMark, SchemeName } from "../../lambdas/protocol/flags.ts";
import type { IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import type { Entry, OutcomePage } from "../../lambdas/protocol/outcome-page.ts";
import { bucketPartition } from "../../lambdas/protocol/rows.ts";
import type { SchedulerAnswer, StoredPage } from "../../lambdas/protocol/scheduler-answer.ts";
import type { Cluster } from "../../lambdas/scheduler/messages/cluster.ts";
import type { ClusterConfig, Pool } from "../../lambdas/scheduler/ports/cluster-config.ts";
import { type Job, submitMessage } from "./a-job.ts";
import { AuditedStore } from "./audited-store.ts";
import { BudgetWatch } from "./budget-watch.ts";
import type { Faults } from "./faults.ts";
import { LeaseRules } from "./lease-rules.ts";
import { MemoryStore } from "./memory-store.ts";
import { RecallRules } from "./recall-rules.ts";
import { type Endpoints, REAL_ENDPOINTS, SCHEDULER_MS, SchedulerFleet } from "./scheduler-fleet.ts";
import { SeededChance } from "./seeded-chance.ts";
import { EngineInvocation, type InvocationEnd, type Start } from "./simulated-engine.ts";
import { clientText, deliveryText, eventText, taskText } from "./story.ts";
import { TablesView } from "./tables-view.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** Start of time: a whole minute. */
const EPOCH = 1_800_000_000_000;

/** Maximum difference between the clocks of two schedulers. */
const CLOCKS_DIFFER_MS = 2000;

/** Matches the reason of a session that was revoked because it was silent. */
export const SILENT = /sent no message for/;

/** Reason of invocations for which Lambda sends no record. */
const BLACKOUT = "gone";

const TRACE = process.env.FANTAIL_SIM_TRACE !== undefined;

/** A synchronous invocation of an engine, and how long its caller waits. */
interface EngineCall {
  event: EngineEvent;
  waitMs: number;
}

export interface WorldSettings {
  seed?: number;
  engines?: number;
  pools?: readonly Pool[];
  scheme?: SchemeName | Scheme;
  hwm?: HighWaterMark;
  faults?: Faults;
  endpoints?: Endpoints;
  environments?: number;
  clockSkewMs?: number;
  latencyMs?: number;
  /** What the scheduler takes for the maximum duration of a pass, in milliseconds. */
  passMs?: number;
  /** Timeout of an engine's invocation in seconds, if `pools` are not given. */
  timeoutSeconds?: number;
  /**
   * Maximum time from a claim to its lease, in milliseconds, if schedulers do not stall. Default: no maximum.
   */
  claimedForMs?: number | undefined;
  /** Called with a description of each event, and its time since the start in milliseconds. */
  tell?(at: number, text: string): void;
  /** Whether schedulers neither die nor stall. Default: false. */
  isCalm?: boolean;
  /** Whether the sweep's rule fires while it is on. */
  sweeps?: boolean;
  /** The code that may run. Default: any that is sent. */
  code?: ClusterConfig["code"];
  /** Changes synchronous invocations. */
  called?(call: EngineCall): EngineCall;
  /** Wraps the store, to change its behaviour. */
  variant?(store: Store & Pick<MemoryStore, "peek" | "partitions">, clock: VirtualClock): Store;
}

/** A whole simulated cloud: the real scheduler, with everything around it simulated. */
export class World {
  readonly clock = new VirtualClock(EPOCH);
  readonly chance: SeededChance;
  readonly tables = new MemoryStore();
  readonly view = new TablesView(this.tables.partitions);
  readonly fleet: SchedulerFleet;
  readonly pools: readonly Pool[];
  readonly hwm: HighWaterMark;
  jobs: Job[] = [];
  /** Every start of a task, in order. */
  readonly starts: Start[] = [];
  readonly logged: { event: string; fields: Record<string, unknown> }[] = [];
  /** Violations that the audit of the store found. */
  readonly violations: string[] = [];
  /** Checks the guarantees of flags and aborts whenever an engine receives a task. */
  readonly rules: LeaseRules;
  /** Running invocations of engines, by engine. */
  readonly invocations = new Map<number, Set<EngineInvocation>>();
  /** Sessions whose invocation crashed. */
  readonly crashed = new Set<string>();
  /** Every refusal of a task by an engine, in order. */
  readonly refusals: { job: string; index: number; engine: number }[] = [];
  /** Number of crashes of engines. */
  crashes = 0;
  /** Whether the sweep's rule is on. It is off after deployment. */
  isRuleOn = false;
  /** Successful calls to switch it, in order. */
  readonly switched: boolean[] = [];
  /** Called at every moment at which no scheduler is running. */
  watch: (() => void) | undefined;
  #events = 0;
  #records = 0;
  #invoked = 0;
  readonly #faults: Faults;
  readonly #budgets: BudgetWatch;
  readonly #recalls: RecallRules;
  readonly #warm = new Map<number, Set<string>>();
  /** Time by which the latest invocation of each session must end. */
  readonly #ends = new Map<string, number>();

  readonly #tell: WorldSettings["tell"];

  constructor(settings: WorldSettings = {}) {
    this.#tell = settings.tell;
    const { seed = 1, engines = 3, scheme = "leastload", hwm = "adaptive", faults = {}, latencyMs = 3 } = settings;
    const { code = { shipping: true, functions: [] } } = settings;
    this.chance = new SeededChance(seed);
    this.#faults = faults;
    this.hwm = hwm;
    this.pools = settings.pools ?? [
      {
        name: "engines",
        count: engines,
        memoryMb: 1769,
        timeoutSeconds: settings.timeoutSeconds ?? 60,
        functions: ["engines"],
      },
    ];
    const budgets = new BudgetWatch(this.tables, () => this.queueEntries(), this.violations);
    this.#budgets = budgets;
    const { isCalm = false } = settings;
    this.rules = new LeaseRules({
      tables: this.tables,
      view: this.view,
      clock: this.clock,
      skewMs: settings.clockSkewMs ?? 0,
      passMs: settings.claimedForMs,
      isCalm,
      violated: (text) => this.tell(() => `VIOLATED: ${text}`),
    });
    const { tables, view, rules, violations } = this;
    this.#recalls = new RecallRules(this.clock, settings.clockSkewMs ?? 0);
    const recalls = this.#recalls;
    const audited = new AuditedStore({ store: tables, view, hwm, budgets, rules, recalls, isCalm, violations });
    const store = settings.variant
      ? settings.variant(
          Object.assign(audited, { peek: this.tables.peek.bind(this.tables), partitions: this.tables.partitions }),
          this.clock,
        )
      : audited;
    this.fleet = new SchedulerFleet({
      clock: this.clock,
      chance: this.chance.fork(),
      store,
      config: {
        pools: this.pools,
        scheme,
        hwm,
        reportFunction: "report",
        passMs: settings.passMs ?? SCHEDULER_MS,
        code,
      },
      faults,
      endpoints: settings.endpoints ?? REAL_ENDPOINTS,
      environments: settings.environments ?? 3,
      clockSkewMs: settings.clockSkewMs ?? 0,
      latencyMs,
      start: (_, event) => this.#accept(event),
      callEngine: (_, event, waitMs) => this.#call(settings.called?.({ event, waitMs }) ?? { event, waitMs }),
      switchRule: (isOn) => this.#switchRule(isOn),
      trace: (line) => this.trace(line),
      tell: (text) => this.tell(text),
      crashed: (invocation, error) =>
        this.violations.push(`${invocation} threw ${error instanceof Error ? error.stack : error}`),
      log: (event, fields) => {
        this.logged.push({ event, fields });
        if (event === "session-revoked") {
          this.#checkRevoked(fields);
          this.tell(() => `engine ${fields.engine} is given up, and its tasks return to the queue: ${fields.reason}`);
        }
        // Work that the scheduler sets aside, so that it holds up nothing else, is a violation nevertheless.
        if (/^(claim|settle|due)-failed$/.test(event)) this.violations.push(`${event}: ${JSON.stringify(fields)}`);
        this.trace(() => `log ${event} ${JSON.stringify(fields)}`);
      },
    });
    if (settings.sweeps ?? true) this.#sweepLater();
  }

  trace(line: () => string): void {
    if (TRACE) console.log(`${(this.clock.now() - EPOCH).toFixed(2).padStart(10)} ${line()}`);
  }

  /** Describes what happens, for a trace of the run. */
  tell(text: () => string): void {
    this.#tell?.(this.clock.now() - EPOCH, text());
  }

  #sweepLater(): void {
    this.clock.at(this.clock.now() + 60_000, () => {
      if (this.isRuleOn) this.tell(() => "the rule fires: a scheduler sweeps");
      if (this.isRuleOn) this.fleet.call("scheduler", { type: "sweep" }).catch(() => {});
      this.#sweepLater();
    });
  }

  /** Switches the rule as EventBridge does, or fails as throttled. */
  #switchRule(isOn: boolean): void {
    const fault = this.#faults.switches?.(isOn);
    if (fault !== "throttled") {
      this.isRuleOn = isOn;
      this.switched.push(isOn);
    }
    this.tell(() => `the rule is switched ${isOn ? "on" : "off"}${fault ? `: ${fault}` : ""}`);
    this.trace(() => `rule ${isOn ? "on" : "off"}${fault ? `: ${fault}` : ""}`);
    if (fault) throw new Error(fault === "throttled" ? "ThrottlingException: Rate exceeded" : "socket hang up");
  }

  /** Accepts or refuses an event as Lambda does, and delivers it later. */
  #accept(event: EngineEvent): void {
    const { copy, delays } = this.#admit(event, ++this.#events);
    for (const delay of delays) this.clock.at(this.clock.now() + delay, () => void this.deliver(copy));
  }

  /** Returns an event as it arrives, and the delays of its deliveries. Throws if Lambda refuses it. */
  #admit(event: EngineEvent, number: number): { copy: EngineEvent; delays: number[] } {
    const copy = JSON.parse(JSON.stringify(event)) as EngineEvent;
    const refused = this.#faults.refuses?.(copy, number);
    if (refused) throw refusal(refused, 403);
    if (this.#faults.throttles?.(copy, number)) {
      this.tell(() => `Lambda throttles the start of engine ${event.engine}`);
      throw refusal("TooManyRequestsException", 429);
    }
    const delays = this.#faults.deliveries?.(copy, number) ?? [5];
    this.tell(() => `${eventText(copy)}: ${deliveryText(delays)}`);
    this.trace(() => `event ${number} for engine ${event.engine}: delivered after ${delays.join(", ") || "never"}`);
    return { copy, delays };
  }

  /**
   * Invokes an engine synchronously. If its request is repeated, as the SDK does after a lost connection, the last
   * invocation answers.
   */
  async #call({ event, waitMs }: EngineCall): Promise<EngineReply> {
    const number = ++this.#events;
    const { copy, delays } = this.#admit(event, number);
    const ends = delays.map(async (delay) => {
      await this.clock.sleep(delay);
      return this.deliver(copy, true);
    });
    const fate = this.#faults.replies?.(copy, number);
    const isLate = this.clock.sleep(waitMs).then(() => undefined);
    const end = await Promise.race([ends.at(-1) ?? isLate, isLate]);
    this.trace(() => `call ${number} of engine ${event.engine}: ${fate ?? end?.type ?? "no answer in time"}`);
    if (fate === "lost" && end) throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    if (fate === "late") await isLate;
    if (!end || fate === "late") return { type: "running" };
    if (end.type === "crashed") return { type: "failed", reason: end.reason };
    return { type: "answered", response: JSON.parse(JSON.stringify({ end: "idle", report: end.report })) };
  }

  /**
   * Starts an invocation of an engine.
   *
   * @param isCalled whether a caller waits for it, so that Lambda sends no record of its failure
   */
  deliver(event: EngineEvent, isCalled = false): Promise<InvocationEnd> {
    const number = ++this.#invoked;
    const pool = this.poolOf(event.engine);
    const warm = this.#warm.get(event.engine) ?? new Set<string>();
    this.#warm.set(event.engine, warm);
    const invocation = new EngineInvocation(
      {
        clock: this.clock,
        chance: this.chance.fork(),
        timeoutMs: pool.timeoutSeconds * 1000,
        pool: pool.name,
        send: (message) => this.fleet.call("report", message),
        started: (start) => {
          this.starts.push(start);
          this.#budgets.started(start);
          this.tell(() => `engine ${start.engine} starts ${taskText(start)}, attempt ${start.attempt}`);
          this.trace(
            () => `engine ${start.engine} starts ${start.job.slice(-3)}.${start.index} attempt ${start.attempt}`,
          );
        },
        refused: (job, index, engine) => this.refusals.push({ job, index, engine }),
        misgiven: (job, index, text) => this.violations.push(`${job.slice(-3)}.${index}: ${text}`),
        ended: (start, how) => {
          this.tell(() => `engine ${start.engine} ends ${taskText(start)}: ${how}`);
          this.trace(() => `engine ${start.engine} ends ${start.job.slice(-3)}.${start.index}: ${how}`);
        },
        warm,
      },
      event,
    );
    this.#ends.set(event.session, this.clock.now() + pool.timeoutSeconds * 1000);
    const live = this.invocations.get(event.engine) ?? new Set();
    this.invocations.set(event.engine, live);
    live.add(invocation);
    const crashAfter = this.#faults.crashesAfterMs?.(number);
    // At once: its code does not load.
    if (crashAfter === 0) {
      live.delete(invocation);
      const reason = "Runtime.ImportModuleError";
      this.#crashed(event, reason, isCalled);
      return Promise.resolve({ type: "crashed", reason });
    }
    if (crashAfter !== undefined)
      this.clock.at(this.clock.now() + crashAfter, () => invocation.crash("Runtime exited with error: signal: killed"));
    return invocation.run().then((end) => {
      live.delete(invocation);
      if (end.type === "crashed") this.#crashed(event, end.reason, isCalled);
      return end;
    });
  }

  /** Kills every invocation at once without failure records, as if the machines were gone. */
  blackout(): void {
    this.trace(() => "blackout");
    this.tell(() => "all engines die, and no failure records are sent");
    for (const live of this.invocations.values()) for (const invocation of live) invocation.crash(BLACKOUT);
  }

  /** Kills the whole cloud and starts it again on its tables. */
  restart(): Promise<void> {
    this.trace(() => "restart");
    this.tell(() => "the cloud is stopped, and starts again on its tables");
    this.blackout();
    this.#recalls.restarted();
    return this.fleet.restart({ type: "restarted", at: Math.ceil(this.clock.now()) + CLOCKS_DIFFER_MS });
  }

  /** Records a violation if a session was revoked as overdue before its invocation had to end. */
  #checkRevoked({ engine, session, reason }: Record<string, unknown>): void {
    const ends = this.#ends.get(String(session)) ?? 0;
    const early = ends - this.clock.now() - CLOCKS_DIFFER_MS;
    const live = this.invocations.get(Number(engine)) ?? [];
    if (early > 0 && /did not end/.test(String(reason)) && [...live].some((one) => one.session === session))
      this.violations.push(`engine ${engine}: its session was revoked ${early} ms before its invocation had to end`);
  }

  #crashed(event: EngineEvent, reason: string, isCalled: boolean): void {
    this.crashes++;
    this.crashed.add(event.session);
    this.#warm.delete(event.engine);
    this.trace(() => `engine ${event.engine} crashed: ${reason}`);
    this.tell(() => `engine ${event.engine} dies: ${reason}`);
    if (reason !== BLACKOUT && !isCalled) this.#record(event, reason);
  }

  /** Sends Lambda's record of a failed invocation, unless it is lost. */
  #record(event: EngineEvent, reason: string): void {
    const record = failureRecord(event, reason);
    for (const delay of this.#faults.records?.(++this.#records) ?? [10])
      this.clock.at(this.clock.now() + delay, () => this.#destination(record));
  }

  /** Invokes the destination asynchronously as Lambda does, with two retries. */
  #destination(record: unknown, tries = 3): void {
    this.fleet.call("report", record).catch(() => {
      if (tries > 1) this.clock.at(this.clock.now() + 60_000, () => this.#destination(record, tries - 1));
    });
  }

  poolOf(engine: number): Pool {
    const name = this.engines().find(({ id }) => id === engine)?.pool;
    const pool = this.pools.find((one) => one.name === name);
    if (!pool) throw new Error(`no engine ${engine}`);
    return pool;
  }

  scheduler(message: unknown): Promise<SchedulerAnswer> {
    return this.fleet.call("scheduler", message);
  }

  /** Number of sessions that were revoked because they were silent. */
  get silenced(): number {
    return this.logged.filter(({ event, fields }) => event === "session-revoked" && SILENT.test(String(fields.reason)))
      .length;
  }

  report(message: unknown): Promise<EngineAnswer> {
    return this.fleet.call("report", message);
  }

  /** Submits as the client does: repeats the message until there is an answer. */
  async submit(...jobs: readonly Job[]): Promise<SchedulerAnswer> {
    this.jobs.push(...jobs);
    return this.send(submitMessage(...jobs));
  }

  async send(message: object, tries = 20): Promise<SchedulerAnswer> {
    this.tell(() => clientText(message));
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.scheduler(message);
        if (answer.type === "ok" && answer.ended) this.#checkEnded(answer.ended);
        if (answer.type === "ok" && isAbort(message)) {
          this.tell(() => "the abort is answered");
          for (const { job, ranges } of message.jobs) this.rules.answeredAbort(job, ranges);
        }
        return answer;
      } catch (error) {
        if (attempt === tries) throw error;
        await this.clock.sleep(Math.min(10_000, 200 * 2 ** attempt) * this.chance.next());
      }
    }
  }

  /** Records a violation if an answer contains an outcome that is not stored. */
  #checkEnded({ job, bucket, sk, body }: StoredPage): void {
    const row = this.tables.peek({ pk: bucketPartition(job, bucket), sk });
    // The position of the usage in the text may differ.
    if (!row || !isDeepStrictEqual(JSON.parse(row.body), JSON.parse(body)))
      this.violations.push(`${job.slice(-3)} was answered with ${sk}, which is not stored`);
  }

  #run(isDone: () => boolean, limit: number): Promise<boolean> {
    let watched = -1;
    return this.clock.run(() => {
      if (this.watch && this.fleet.active === 0 && watched !== this.tables.version) {
        watched = this.tables.version;
        this.watch();
      }
      return isDone();
    }, limit);
  }

  /** Lets time pass until a promise has settled. Returns its value. */
  async until<T>(promise: Promise<T>, ms = 600_000): Promise<T> {
    let isSettled = false;
    const settled = promise.finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    if (!(await this.#run(() => isSettled, this.clock.now() + ms))) throw new Error("nothing came of it in time");
    return settled;
  }

  /** Lets `ms` of time pass. */
  async pass(ms: number): Promise<void> {
    await this.until(this.clock.sleep(ms), ms + 1);
  }

  /** Returns the outcome pages of a job. */
  pages({ header }: Job): { key: string; page: OutcomePage }[] {
    return this.view.pages(header);
  }

  /** Returns all final entries of a job, by index. */
  outcomes({ header }: Job): Map<number, Entry[]> {
    return this.view.outcomes(header);
  }

  isComplete(job: Job): boolean {
    return this.outcomes(job).size === job.header.tasks;
  }

  /** Acts as a waiting client that sends ticks, until the returned function is called. */
  attend(): () => void {
    let isWaiting = true;
    let nextTick = 0;
    const tickAfter = (wait: number, gap: number) => {
      const at = this.clock.now() + wait;
      nextTick = at;
      this.clock.at(at, () => {
        if (!isWaiting || nextTick !== at) return;
        tickAfter(gap, Math.min(MAX_GAP_MS, gap * 2));
        this.scheduler({ type: "tick" }).then(
          (answer) => {
            if (answer.type === "ok" && answer.again !== undefined) tickAfter(answer.again, gap);
          },
          () => tickAfter(FIRST_GAP_MS, gap),
        );
      });
    };
    tickAfter(FIRST_GAP_MS, 2 * FIRST_GAP_MS);
    return () => {
      isWaiting = false;
    };
  }

  /**
   * Waits for jobs as the client does, with ticks.
   *
   * @throws Error if they are not complete in time
   */
  async complete(jobs: readonly Job[] = this.jobs, { ms = 900_000, ticks = true } = {}): Promise<void> {
    const left = new Set(jobs);
    const leave = ticks ? this.attend() : () => {};
    let looked = -1;
    const isDone = () => {
      if (this.tables.version === looked) return false;
      looked = this.tables.version;
      // Only up to the first incomplete one: looking at all jobs after each write would take time that grows with its square.
      for (const job of left) {
        if (!this.isComplete(job)) return false;
        left.delete(job);
      }
      return true;
    };
    const isInTime = await this.#run(isDone, this.clock.now() + ms);
    leave();
    if (!isInTime) throw new Error(`not complete after ${ms} ms: ${this.#describe(left)}`);
  }

  #describe(jobs: Iterable<Job>): string {
    return [...jobs]
      .map((job) => {
        const done = this.outcomes(job);
        const missing = job.behaviours.flatMap((_, index) => (done.has(index) ? [] : [index]));
        return `${job.header.id.slice(-3)} lacks ${missing.slice(0, 20).join(",")} of ${job.header.tasks}`;
      })
      .join("; ");
  }

  /** Returns the engines, except those with damaged rows. */
  engines(): Engine[] {
    return this.view.engines();
  }

  load(engine: number): number {
    const found = this.engines().find(({ id }) => id === engine);
    return found ? engineLoad(found) : 0;
  }

  /** Returns the entries of all queues, unordered. */
  queueEntries(): QueueEntry[] {
    return this.view.queueEntries();
  }

  /** Returns the sort keys of a partition. */
  keys(pk: string): string[] {
    return this.view.keys(pk);
  }

  /** Returns the caches of the scheduler's warm environments. */
  clusters(): Cluster[] {
    return this.fleet.clusters;
  }
}

function isAbort(message: object): message is { jobs: readonly { job: string; ranges: readonly IndexRange[] }[] } {
  return "type" in message && message.type === "abort";
}

/** Creates the error that the SDK throws when a call is refused. */
export function refusal(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error("refused"), { name, $fault: "client", $metadata: { httpStatusCode } });
}

/** Creates the record that Lambda sends to the on-failure destination. */
export function failureRecord(event: EngineEvent, reason: string): unknown {
  return {
    version: "1.0",
    timestamp: "2027-01-15T08:00:00.000Z",
    requestContext: {
      requestId: "simulated",
      functionArn: "arn:aws:lambda:eu-west-1:000000000000:function:engines:$LATEST",
      condition: "RetriesExhausted",
      approximateInvokeCount: 1,
    },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    responsePayload: { errorMessage: reason, errorType: "Runtime.ExitError" },
  };
}

import { isDeepStrictEqual } from "node:util";
import { EarlyEndpoint } from "../../lambdas/engine/supervisor/early-endpoint.ts";
import { answering } from "../../lambdas/engine/supervisor/run-session.ts";
import type { EngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import type { Grant, GrantedTask } from "../../lambdas/protocol/grant.ts";
import type { EncodedError } from "../../lambdas/protocol/outcome-page.ts";
import type { EngineMessage, ReportedEntry, ReportMessage } from "../../lambdas/protocol/report-messages.ts";
import type { LeasedArguments, ResultValues } from "../../lambdas/protocol/spec-page.ts";
import { type Behaviour, MODULE, simulatedValue, UNIT } from "./a-job.ts";
import { never, secret } from "./scheduler-fleet.ts";
import type { SeededChance } from "./seeded-chance.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** How often a message without an answer is repeated, and the first delay. */
const RETRIES = 5;
const FIRST_PAUSE_MS = 100;
/** The invocation accepts no more work if less than this time is left. */
const LEAVING_MS = 2000;
/**
 * With at most this many tasks left, or if more are known to wait, and one that has run for this long, the engine asks
 * for more work meanwhile.
 */
const ASK_AHEAD_TASKS = 3;
const ASK_AHEAD_MS = 5;
/** Tasks that joined a lease return to the queue if they have to wait for this multiple of its target time. */
const HELD_UP = 10;
/** A token is used within this time, and a lease that runs longer begins its session, as in the engine. */
const TOKEN_FRESH_MS = 1500;
const BEGIN_AFTER_MS = 100;
/** A task that ignores its abort is ended after this time. */
const GRACE_MS = 500;

/** A started task. */
export interface Start {
  job: string;
  index: number;
  attempt: number;
  engine: number;
  at: number;
}

/** What an engine's invocation uses of the world. */
export interface EngineWorld {
  clock: VirtualClock;
  chance: SeededChance;
  timeoutMs: number;
  /** The engine's pool. */
  pool: string;
  /** Sends a message to the report endpoint. Rejects if there is no answer. */
  send(message: EngineMessage): Promise<EngineAnswer>;
  /** Called when a task starts. */
  started(start: Start): void;
  refused(job: string, index: number, engine: number): void;
  /** Called if a task gets other results than those it takes. */
  misgiven(job: string, index: number, text: string): void;
  ended(start: Start, how: string): void;
  /** Hashes of the code that this environment holds. */
  warm: Set<string>;
}

/** Why an invocation ended. */
export type InvocationEnd = { type: "done"; report?: ReportMessage } | { type: "crashed"; reason: string };

/**
 * One invocation of a simulated engine. It speaks the engine's side of the protocol, and its tasks do in virtual time
 * what their arguments say.
 */
export class EngineInvocation {
  readonly #world: EngineWorld;
  readonly #event: EngineEvent;
  readonly #nonce: string;
  readonly #deadline: number;
  #isDead = false;
  #crash: (reason: string) => void = () => {};
  #running: Start | undefined;
  /** The endpoint of a session that runs its first lease before it has begun. */
  #early: EarlyEndpoint | undefined;
  /** Whether there are no more leases. */
  #isOver = false;
  /** When the engine last reported its usage. */
  #reported: number;

  constructor(world: EngineWorld, event: EngineEvent) {
    this.#world = world;
    this.#event = event;
    this.#nonce = secret(world.chance);
    this.#deadline = world.clock.now() + world.timeoutMs;
    this.#reported = world.clock.now();
  }

  /** Runs until it ends, crashes, or its time is over. */
  run(): Promise<InvocationEnd> {
    const { clock, timeoutMs } = this.#world;
    return new Promise((resolve) => {
      this.#crash = (reason) => {
        if (this.#isDead) return;
        this.#isDead = true;
        if (this.#running) this.#world.ended(this.#running, "crashed");
        resolve({ type: "crashed", reason });
      };
      clock.at(this.#deadline, () => this.#crash(`Task timed out after ${timeoutMs / 1000} seconds`));
      this.#work().then(
        () => {
          if (this.#isDead) return;
          this.#isDead = true;
          resolve({ type: "done", ...(this.#early?.kept ? { report: this.#early.kept } : {}) });
        },
        (error: unknown) => this.#crash(String(error)),
      );
    });
  }

  /** The session for which it was invoked. */
  get session(): string {
    return this.#event.session;
  }

  /** Ends the invocation from outside. */
  crash(reason: string): void {
    this.#crash(reason);
  }

  async #work(): Promise<void> {
    const { clock } = this.#world;
    const { engine, session, grant, token, signed = 0 } = this.#event;
    if (grant && token !== undefined && Math.abs(clock.now() - signed) <= TOKEN_FRESH_MS) {
      const early = new EarlyEndpoint(
        { send: (message) => this.#deliver(message) },
        { engine, session, nonce: this.#nonce },
        token,
        answering(this.#event, clock),
      );
      this.#early = early;
      clock.at(clock.now() + BEGIN_AFTER_MS, () => {
        if (!this.#isDead && !this.#isOver) early.begin().catch(() => {});
      });
      return this.#runLeases(grant);
    }
    const begun = await this.#ask({
      type: "begin",
      engine,
      session,
      nonce: this.#nonce,
      have: [...this.#world.warm],
      granted: grant !== undefined,
    });
    if (begun.type !== "began") return;
    await this.#runLeases(begun.grant ?? grant);
  }

  async #runLeases(first: Grant | undefined): Promise<void> {
    for (let lease = first; lease; ) {
      await this.#load(lease);
      lease = await this.#runLease(lease);
    }
    this.#isOver = true;
  }

  /** Loads the lease's code if it is missing. */
  async #load(lease: Grant): Promise<void> {
    const { engine, session } = this.#event;
    for (const { hash } of lease.units) this.#world.warm.add(hash);
    if (lease.functions.some((fn) => "code" in fn && !this.#world.warm.has(fn.code))) {
      const answer = await this.#ask({ type: "fetch", engine, session, nonce: this.#nonce, units: [UNIT] });
      if (answer.type !== "units" || answer.units.length === 0) throw new Error("the code could not be fetched");
      for (const { hash } of answer.units) this.#world.warm.add(hash);
    }
  }

  /** Runs a lease to its end and reports it. Returns the next lease. */
  async #runLease(lease: Grant): Promise<Grant | undefined> {
    const { clock } = this.#world;
    const waiting = [...lease.tasks];
    const needs = new Map(neededTasks(lease));
    const results = new Map(lease.tasks.map((task) => [task, lease.results]));
    const wentWell = new Set<GrantedTask>();
    /** Tasks that were not started, since a task that they need has not succeeded. The scheduler decides about them. */
    const givenBack: number[] = [];
    let entries: ReportedEntry[] = [];
    let seq = lease.seq;
    let partialAt = clock.now() + 2 * lease.aimMs;
    let heartbeatGap = 1000;
    let heartbeatAt = clock.now() + heartbeatGap;
    const leaveAt = this.#deadline - LEAVING_MS;
    let mayAskAhead = lease.ahead === true;
    let isMoreWaiting = lease.more === true;
    /** Whether the lease that joined this one may ask for more, and until when its tasks wait for the running one. */
    let mayJoinedAsk = false;
    let joinedUntil = 0;
    while (waiting.length > 0 && clock.now() < leaveAt) {
      const [task] = waiting.splice(0, 1);
      if (!task) break;
      if (!needs.get(task)?.every((one) => wentWell.has(one))) {
        givenBack.push(task[0]);
        continue;
      }
      const [index, attempt, , args] = task;
      const behaviour = JSON.parse(String(Array.isArray(args) ? args[0] : args)) as Behaviour;
      const strange = strangeResult(behaviour, args, results.get(task));
      if (strange) this.#world.misgiven(lease.job, index, strange);
      const refusal = refusalOf(behaviour, this.#event.engine, this.#world.pool, index);
      if (refusal) {
        this.#world.refused(lease.job, index, this.#event.engine);
        entries.push(refusal);
        continue;
      }
      const fails =
        behaviour.do !== "ok" && behaviour.do !== "unmet" && attempt <= (behaviour.times ?? Number.POSITIVE_INFINITY);
      const started = clock.now();
      const start = { job: lease.job, index, attempt, engine: this.#event.engine, at: started };
      this.#running = start;
      this.#world.started(start);
      let end = fails && behaviour.do === "hang" ? Number.POSITIVE_INFINITY : started + behaviour.ms;
      if (fails && behaviour.do === "die") {
        clock.at(end, () => {
          if (this.#running === start) this.#crash("Runtime exited with error: exit status 3");
        });
        end = Number.POSITIVE_INFINITY;
      }
      let entry: ReportedEntry | undefined;
      const runEnd = Math.min(
        lease.runTimeoutMs ? started + lease.runTimeoutMs : Number.POSITIVE_INFINITY,
        lease.deadlineAt ?? Number.POSITIVE_INFINITY,
      );
      let abortedAt = Number.POSITIVE_INFINITY;
      while (!entry) {
        const holdsUp = !lease.keep && waiting.length > 0;
        const partial = Math.min(
          entries.length > 0 || holdsUp ? partialAt : Number.POSITIVE_INFINITY,
          holdsUp ? Math.max(started + lease.aimMs / 2, joinedUntil) : Number.POSITIVE_INFINITY,
        );
        const askAhead =
          mayAskAhead && (isMoreWaiting || waiting.length < ASK_AHEAD_TASKS)
            ? started + ASK_AHEAD_MS
            : Number.POSITIVE_INFINITY;
        const next = Math.min(end, runEnd, heartbeatAt, abortedAt, Math.max(partial, started + 1), askAhead);
        await this.#alive(clock.sleep(next - clock.now()));
        const now = clock.now();
        if (now >= end) {
          entry = fails ? failed(index, behaviour, started, end) : succeeded(lease.job, index, started, end);
        } else if (now >= abortedAt) {
          entry = { index, status: "aborted", started, completed: now, error: error("TaskAborted", "aborted") };
        } else if (now >= runEnd) {
          entry = { index, status: "timeout", started, completed: now, error: error("RunTimeout", "ran too long") };
        } else if (now >= partial) {
          partialAt = now + 2 * lease.aimMs;
          const left = [...givenBack.splice(0), ...waiting.map(([one]) => one)];
          const answer = await this.#report(
            seq,
            entries,
            lease.keep ? [] : left,
            lease.keep ? [index, ...left] : [index],
            false,
          );
          if (answer.type !== "continue") return this.#stopped();
          seq = answer.seq;
          entries = [];
          if (!lease.keep) waiting.length = 0;
        } else if (now >= askAhead) {
          mayAskAhead = false;
          const answer = await this.#report(
            seq,
            entries,
            [],
            [index, ...givenBack, ...waiting.map(([one]) => one)],
            false,
            { more: true },
          );
          if (answer.type !== "continue") return this.#stopped();
          seq = answer.seq;
          entries = [];
          if (answer.grant) {
            await this.#load(answer.grant);
            waiting.push(...answer.grant.tasks);
            for (const [one, needed] of neededTasks(answer.grant)) needs.set(one, needed);
            for (const one of answer.grant.tasks) results.set(one, answer.grant.results);
            mayJoinedAsk = answer.grant.ahead === true;
            isMoreWaiting = answer.grant.more === true;
            joinedUntil = clock.now() + HELD_UP * lease.aimMs;
            partialAt = joinedUntil;
          }
        } else {
          heartbeatGap = Math.min(10_000, heartbeatGap * 1.5);
          const { engine, session } = this.#event;
          const answer = await this.#ask({ type: "heartbeat", engine, session, nonce: this.#nonce, seq });
          if (answer.type !== "alive") return this.#stopped();
          const isAborted = (one: number) => answer.aborting.some(([from, to]) => one >= from && one < to);
          for (const [one] of cut(waiting, ([one]) => isAborted(one)))
            entries.push({ index: one, status: "aborted", error: error("TaskAborted", "aborted before it started") });
          if (isAborted(index)) abortedAt = Math.min(abortedAt, now + GRACE_MS);
          heartbeatAt = clock.now() + heartbeatGap;
        }
      }
      this.#running = undefined;
      if (mayJoinedAsk && waiting.length > 0) {
        mayAskAhead = true;
        mayJoinedAsk = false;
        partialAt = Math.min(partialAt, clock.now() + 2 * lease.aimMs);
        joinedUntil = 0;
      }
      this.#world.ended(start, entry.status);
      entries.push(entry);
      if (entry.status === "ok") wentWell.add(task);
    }
    const isLeaving = clock.now() >= leaveAt;
    const answer = await this.#report(seq, entries, [...givenBack, ...waiting.map(([one]) => one)], [], isLeaving, {
      link: lease.link,
    });
    return answer.type === "lease" ? answer.grant : undefined;
  }

  /** Stops, since the lease is no longer this invocation's and must not be reported. */
  #stopped(): undefined {
    if (this.#running) this.#world.ended(this.#running, "stopped");
    this.#running = undefined;
    return undefined;
  }

  #report(
    seq: number,
    entries: ReportedEntry[],
    returned: number[],
    running: number[],
    leaving: boolean,
    asked: { more?: true; link?: string | undefined } = {},
  ): Promise<EngineAnswer> {
    const { engine, session } = this.#event;
    const now = this.#world.clock.now();
    const used: [number, number, number] = [Math.max(0, now - this.#reported), 0, 0];
    this.#reported = now;
    return this.#ask({
      type: "report",
      used,
      engine,
      session,
      nonce: this.#nonce,
      seq,
      entries,
      returned,
      running,
      leaving,
      ...asked,
      have: [...this.#world.warm],
    });
  }

  /** Sends a message as the engine does: with its token before the session has begun, then with the session. */
  #ask(message: EngineMessage): Promise<EngineAnswer> {
    return this.#early ? this.#alive(this.#early.send(message)) : this.#deliver(message);
  }

  /** Repeats a message until there is an answer, as the engine's client does. */
  async #deliver(message: EngineMessage): Promise<EngineAnswer> {
    const { clock, chance } = this.#world;
    let failure: unknown;
    for (let attempt = 0; attempt <= RETRIES; attempt++) {
      if (attempt > 0) await this.#alive(clock.sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + chance.next())));
      try {
        return await this.#alive(this.#world.send(message));
      } catch (error) {
        failure = error;
      }
    }
    throw new Error(`the report endpoint failed at ${message.type}: ${String(failure)}`);
  }

  /** Awaits a promise, if the invocation lives until it settles. */
  async #alive<T>(promise: Promise<T>): Promise<T> {
    try {
      const value = await promise;
      return this.#isDead ? never() : value;
    } catch (error) {
      if (this.#isDead) return never();
      throw error;
    }
  }
}

/** Returns, for each task of a grant, the tasks of that grant that must succeed before it may start. */
function neededTasks({ tasks }: Grant): [GrantedTask, GrantedTask[]][] {
  return tasks.map((task) => [task, (task[4] ?? []).map((at) => tasks[at]).filter((one) => one !== undefined)]);
}

/** Returns where the results that a task gets differ from those that it takes. */
function strangeResult(behaviour: Behaviour, args: LeasedArguments, results: readonly ResultValues[] = []) {
  for (const [at, { given }] of (behaviour.takes ?? []).entries()) {
    const arg = Array.isArray(args) ? args[1 + at] : undefined;
    const got = typeof arg === "object" && "given" in arg ? results[arg.given] : undefined;
    if (!isDeepStrictEqual(got, given))
      return `argument ${at} is ${JSON.stringify(got)}, not ${JSON.stringify(given)}`.slice(0, 500);
  }
  return undefined;
}

function cut(tasks: GrantedTask[], isCut: (task: GrantedTask) => boolean): GrantedTask[] {
  const gone = tasks.filter(isCut);
  const kept = tasks.filter((task) => !isCut(task));
  tasks.length = 0;
  tasks.push(...kept);
  return gone;
}

function succeeded(job: string, index: number, started: number, completed: number): ReportedEntry {
  return { index, status: "ok", value: simulatedValue(job, index), started, completed };
}

/** Returns an engine's report of a task whose dependency it lacks. */
function refusalOf(behaviour: Behaviour, engine: number, pool: string, index: number): ReportedEntry | undefined {
  const unmet = (evalue: string, module?: string): ReportedEntry => ({
    index,
    status: "unmet",
    error: { code: "UnmetDependency", ename: "UnmetDependency", evalue, ...(module ? { module } : {}) },
  });
  if (behaviour.do !== "unmet") return undefined;
  if (behaviour.lackedBy?.includes(pool))
    return unmet(`module ${MODULE} cannot be loaded: Cannot find package '${MODULE}'`, MODULE);
  return behaviour.refusedBy?.includes(engine) ? unmet("the predicate said no") : undefined;
}

function failed(index: number, behaviour: Behaviour, started: number, completed: number): ReportedEntry {
  const ename = behaviour.ename ?? "Error";
  return { index, status: "error", error: { code: "RemoteError", ename, evalue: "told to fail" }, started, completed };
}

function error(code: EncodedError["code"], evalue: string): EncodedError {
  return { code, ename: code, evalue };
}

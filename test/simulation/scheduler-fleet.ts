import type { EngineReply } from "../../lambdas/adapters/lambda-starter.ts";
import type { Store } from "../../lambdas/adapters/store.ts";
import { type EngineAnswer, parseEngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import { parseSchedulerAnswer, type SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import { type Cluster, newCluster } from "../../lambdas/scheduler/messages/cluster.ts";
import type { ClusterConfig } from "../../lambdas/scheduler/ports/cluster-config.ts";
import { reportEndpoint } from "../../lambdas/scheduler/report-endpoint.ts";
import { schedulerEndpoint } from "../../lambdas/scheduler/scheduler-endpoint.ts";
import type { Faults, Step } from "./faults.ts";
import type { SeededChance } from "./seeded-chance.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Timeout of a scheduler invocation, as deployed. */
export const SCHEDULER_MS = 60_000;

/** The scheduler's two functions by name. Tests may replace them with variants. */
export interface Endpoints {
  scheduler(cluster: Cluster, payload: unknown): Promise<SchedulerAnswer>;
  report(cluster: Cluster, payload: unknown): Promise<EngineAnswer>;
}

export const REAL_ENDPOINTS: Endpoints = { scheduler: schedulerEndpoint, report: reportEndpoint };

export interface FleetSettings {
  clock: VirtualClock;
  chance: SeededChance;
  store: Store;
  config: ClusterConfig;
  faults: Faults;
  endpoints: Endpoints;
  /** Number of warm environments per function. More environments have more outdated caches. */
  environments: number;
  /** Maximum error of the environments' clocks, in either direction, in milliseconds. */
  clockSkewMs: number;
  /** Maximum latency of a store's verb, each way, in milliseconds. */
  latencyMs: number;
  start(functionName: string, event: EngineEvent): void;
  /** Invokes an engine synchronously. */
  callEngine(functionName: string, event: EngineEvent, waitMs: number): Promise<EngineReply>;
  /** Switches the one-minute rule. */
  switchRule(isOn: boolean): void;
  trace(line: () => string): void;
  /** Describes what happens, for a trace of the run. */
  tell(text: () => string): void;
  /** Called if an invocation throws by itself, which must never happen. */
  crashed(invocation: string, error: unknown): void;
  log(event: string, fields: Record<string, unknown>): void;
}

/** An execution environment. Its caches outlive an invocation, and it runs one at a time. */
interface Environment {
  cluster: Cluster;
  isDead: boolean;
  /** Whether it ended with its whole cloud, so that none of its requests arrives any more. */
  isGone: boolean;
  step: Step;
  kill(reason: string): void;
}

/** A killed invocation, as its caller sees it. */
class Killed extends Error {}

/**
 * Returns a promise that never settles, for a dead environment. A new one each time: a shared one would keep every
 * waiter in memory.
 */
export function never(): Promise<never> {
  return new Promise<never>(() => {});
}

/** The scheduler's two functions: the real code, in environments that start, stay warm and die. */
export class SchedulerFleet {
  readonly #settings: FleetSettings;
  readonly #busy = new Set<Environment>();
  /** Resolves when a restarted cloud accepts callers. */
  #restarted: Promise<unknown> = Promise.resolve();
  readonly #warm: { scheduler: Environment[]; report: Environment[] } = { scheduler: [], report: [] };
  #invocations = 0;
  #calls = 0;
  /** Number of running invocations. */
  active = 0;
  /** Number of killed invocations. */
  killed = 0;

  constructor(settings: FleetSettings) {
    this.#settings = settings;
  }

  /** Caches of the warm environments that are alive. */
  get clusters(): Cluster[] {
    return [...this.#warm.scheduler, ...this.#warm.report].map(({ cluster }) => cluster);
  }

  /**
   * Invokes a function and waits for its answer, as the AWS SDK does. Rejects if the invocation died or the network
   * failed.
   */
  async call<D extends "scheduler" | "report">(
    endpoint: D,
    payload: unknown,
  ): Promise<D extends "scheduler" ? SchedulerAnswer : EngineAnswer> {
    await this.#restarted;
    return this.#call(endpoint, payload);
  }

  /** Kills every environment with its work, and admits callers only after the new ones have handled `message`. */
  restart(message: unknown): Promise<void> {
    for (const environment of this.#busy) {
      environment.isGone = true;
      environment.kill("the cloud was stopped");
    }
    for (const warm of Object.values(this.#warm)) warm.length = 0;
    const answered = this.#call("scheduler", message).then(
      () => {},
      () => {},
    );
    this.#restarted = answered;
    return answered;
  }

  async #call<D extends "scheduler" | "report">(
    endpoint: D,
    payload: unknown,
  ): Promise<D extends "scheduler" ? SchedulerAnswer : EngineAnswer> {
    const { clock, chance, faults, latencyMs, trace, tell } = this.#settings;
    const message = messageType(payload);
    const number = ++this.#calls;
    const fault = faults.call?.({ endpoint, message, payload, number });
    await clock.sleep(chance.next() * latencyMs);
    if (fault && "lost" in fault) tell(() => `the ${fault.lost} of a ${message} is lost`);
    if (fault && "lost" in fault && fault.lost === "request")
      throw new Error("the connection was lost before the request arrived");
    const invoked = this.#invoke(endpoint, payload, message);
    const answer = await (fault && "impatientMs" in fault
      ? Promise.race([
          invoked,
          clock.sleep(fault.impatientMs).then(() => {
            invoked.catch(() => {});
            throw new Error("the caller gave up");
          }),
        ])
      : invoked);
    await clock.sleep(chance.next() * latencyMs);
    if (fault && "lost" in fault) {
      trace(() => `${endpoint} ${message}: answer lost`);
      throw new Error("the connection was lost before the answer arrived");
    }
    const parsed = endpoint === "scheduler" ? parseSchedulerAnswer(answer) : parseEngineAnswer(answer);
    return parsed as D extends "scheduler" ? SchedulerAnswer : EngineAnswer;
  }

  async #invoke(endpoint: "scheduler" | "report", payload: unknown, message: string): Promise<unknown> {
    const { clock, chance, endpoints, environments, trace, tell } = this.#settings;
    const warm = this.#warm[endpoint];
    const taken = warm.splice(Math.floor(chance.next() * warm.length), 1)[0];
    const environment = taken && !taken.isDead ? taken : this.#newEnvironment(endpoint);
    const invocation = ++this.#invocations;
    environment.step = { endpoint, message, invocation, verb: "", key: "", number: 0 };
    this.active++;
    this.#busy.add(environment);
    trace(() => `${endpoint}#${invocation} ${brief(payload)}`);
    let isOver = false;
    try {
      const answer = await new Promise<unknown>((resolve, reject) => {
        environment.kill = (reason) => {
          environment.isDead = true;
          if (!isOver) this.killed++;
          trace(() => `${endpoint}#${invocation} killed: ${reason}`);
          if (!isOver) tell(() => `the scheduler that handles a ${message} dies: ${reason}`);
          reject(new Killed(reason));
        };
        clock.at(clock.now() + SCHEDULER_MS, () => {
          if (!isOver) environment.kill("Task timed out after 60.00 seconds");
        });
        // Endpoints receive and return JSON.
        const parsed: unknown = JSON.parse(JSON.stringify(payload));
        endpoints[endpoint](environment.cluster, parsed).then(resolve, reject);
      });
      const text = JSON.stringify(answer);
      trace(() => `${endpoint}#${invocation} → ${brief(answer)}`);
      return JSON.parse(text);
    } catch (error) {
      // If a write's outcome is unknown, the whole invocation gives up, as if it were killed.
      if (!(error instanceof Killed || error instanceof ClusterError))
        this.#settings.crashed(`${endpoint} ${message}`, error);
      trace(
        () =>
          `${endpoint}#${invocation} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      throw error;
    } finally {
      isOver = true;
      this.active--;
      this.#busy.delete(environment);
      if (!environment.isDead && warm.length < environments) warm.push(environment);
    }
  }

  #newEnvironment(endpoint: "scheduler" | "report"): Environment {
    const { clock, chance, store, config, faults, clockSkewMs, latencyMs, switchRule, log, trace } = this.#settings;
    const { start, callEngine } = this.#settings;
    const own = chance.fork();
    const skew = (own.next() * 2 - 1) * clockSkewMs;
    /** Passes a call to the world, with all faults that may affect it. */
    const gate = async <T>(verb: string, key: string, effect: () => Promise<T>): Promise<T> => {
      const { message, invocation, number: taken } = environment.step;
      const number = taken + 1;
      const step: Step = { endpoint, message, invocation, verb, key, number };
      environment.step = step;
      const fault = faults.step?.(step);
      const kill = fault && "kill" in fault ? fault.kill : undefined;
      const stall = (when: "before" | "after") =>
        fault && "stallMs" in fault && fault.when === when ? fault.stallMs : 0;
      // Requests of a dead environment may still be under way, and arrive.
      const arrives = own.happens(0.5);
      await clock.sleep(own.next() * latencyMs + stall("before"));
      if (environment.isGone || (environment.isDead && !arrives)) return never();
      if (kill === "before") {
        environment.kill(`killed before ${verb} ${key}`);
        return never();
      }
      trace(() => `${endpoint}#${invocation}.${number} ${verb} ${key}`);
      let result = await effect();
      if (fault && "repeat" in fault) {
        await clock.sleep(own.next() * 30);
        const again = await effect();
        // A caller that repeats a swap cannot know whether the first one succeeded.
        result = (verb === "swap" && again === false ? undefined : again) as Awaited<T>;
      }
      if (kill === "after") {
        environment.kill(`killed after ${verb} ${key}`);
        return never();
      }
      await clock.sleep(own.next() * latencyMs + stall("after"));
      return environment.isDead ? never() : result;
    };
    const gated: Store = {
      write: (rows) =>
        rows.length === 0
          ? Promise.resolve()
          : gate("write", rows.map(({ sk }) => sk).join(" "), () => store.write(rows)),
      putOnce: (row) => gate("putOnce", row.sk, () => store.putOnce(row)),
      swap: (row, rev) => gate("swap", row.sk, () => store.swap(row, rev)),
      claim: (key, ...of) => gate("claim", key.sk, () => store.claim(key, ...of)),
      update: (key, change) => gate("update", key.sk, () => store.update(key, change)),
      read: (keys) =>
        keys.length === 0
          ? Promise.resolve([])
          : gate("read", keys.map(({ sk }) => sk).join(" "), () => store.read(keys)),
      list: (pk, listing) => gate("list", pk, () => store.list(pk, listing)),
      remove: (keys) =>
        keys.length === 0
          ? Promise.resolve()
          : gate("remove", keys.map(({ sk }) => sk).join(" "), () => store.remove(keys)),
    };
    const cluster = newCluster(
      {
        store: gated,
        engines: {
          start: (name, event) => gate("startEngine", String(event.engine), async () => start(name, event)),
          call: (name, event, waitMs) =>
            gate("callEngine", String(event.engine), () => callEngine(name, event, waitMs)),
        },
        sweepRule: {
          enable: () => gate("enableRule", "", async () => switchRule(true)),
          disable: () => gate("disableRule", "", async () => switchRule(false)),
        },
        now: () => Math.floor(clock.now() + skew),
        sleep: (ms) => gate("sleep", "", () => clock.sleep(ms)),
        randomness: { random: own.next, newSecret: () => secret(own) },
        log,
      },
      config,
      20,
    );
    const environment: Environment = {
      cluster,
      isDead: false,
      isGone: false,
      step: { endpoint, message: "", invocation: 0, verb: "", key: "", number: 0 },
      kill: () => {},
    };
    return environment;
  }
}

/** Returns 128 random bits as text, from the seed. */
export function secret(chance: SeededChance): string {
  let text = "";
  for (let part = 0; part < 4; part++)
    text += chance
      .between(0, 2 ** 32 - 1)
      .toString(16)
      .padStart(8, "0");
  return text;
}

function messageType(payload: unknown): string {
  if (typeof payload !== "object" || payload === null) return "?";
  if ("running" in payload && Array.isArray(payload.running) && payload.running.length > 0) return "partial";
  if ("type" in payload) return String(payload.type);
  return "requestPayload" in payload ? "onFailure" : "?";
}

function brief(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) =>
    key === "have" || key === "functions" || key === "units" || key === "pages" ? undefined : inner,
  ).slice(0, 400);
}

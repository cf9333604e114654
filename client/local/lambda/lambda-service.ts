import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { LatencyModel } from "../latency/latency-model.ts";
import type { Principal } from "../requests/access.ts";
import { INVOCATION_COUNTS, type Invocations } from "../requests/meter.ts";
import type { Principals } from "../requests/principals.ts";
import type { FunctionSpec } from "../stack/deployment.ts";
import { destinationRecord } from "./destination-record.ts";
import type { Environment } from "./environment.ts";
import { type BudgetTuning, EnvironmentBudget } from "./environment-budget.ts";
import type { GivenUp } from "./event-queue.ts";
import { LambdaError } from "./lambda-error.ts";
import { LambdaFunction, type LambdaFunctionParts } from "./lambda-function.ts";
import { ACCOUNT_CONCURRENCY } from "./lambda-limits.ts";
import { startMemoryWatch } from "./memory-watch.ts";

/** How long an environment may be idle before it is ended. */
const IDLE_MS = 600_000;

export interface LambdaServiceOptions {
  principals: Principals;
  /** Each function's role as a caller, by the role's ARN. */
  roles: ReadonlyMap<string, Principal>;
  accountConcurrency?: number | undefined;
  engineEnvironments?: BudgetTuning | undefined;
  latency?: LatencyModel | undefined;
}

/** The parts of a function that the service adds. */
type Given = "takeRoom" | "enterAccount" | "leaveAccount" | "giveUp" | "latency";

/** A function to deploy, without the parts that the service adds. */
export interface Deployed extends Omit<LambdaFunctionParts, Given> {
  /** Whether this is an engine function, whose environments are limited by the machine's memory. */
  isEngine: boolean;
}

/** All functions of the cloud. */
export class LambdaService {
  readonly #functions = new Map<string, LambdaFunction>();
  readonly #options: LambdaServiceOptions;
  readonly #stopWatching: () => void;
  readonly #idleTimer: NodeJS.Timeout;
  readonly #engines = new Set<LambdaFunction>();
  readonly budget: EnvironmentBudget;
  #running = 0;

  constructor(options: LambdaServiceOptions) {
    this.#options = options;
    this.budget = new EnvironmentBudget({
      ...options.engineEnvironments,
      alive: () => [...this.#engines].flatMap((fn) => fn.environments()).filter(({ dead }) => !dead).length,
      endIdle: () => [...this.#engines].some((fn) => fn.endIdle()),
    });
    this.#stopWatching = startMemoryWatch(() => this.all().map((fn) => [fn.spec.memoryMb, fn.environments()]));
    this.#idleTimer = setInterval(() => {
      for (const fn of this.all()) fn.endIdleSince(Date.now() - IDLE_MS);
    }, IDLE_MS / 10).unref();
  }

  deploy({ isEngine, ...parts }: Deployed): void {
    const limit = this.#options.accountConcurrency ?? ACCOUNT_CONCURRENCY;
    const fn = new LambdaFunction({
      ...parts,
      latency: this.#options.latency,
      takeRoom: () => !isEngine || this.budget.takeRoom(),
      enterAccount: () => this.#running < limit && ++this.#running > 0,
      leaveAccount: () => {
        this.#running--;
      },
      giveUp: (spec, given) => this.#notifyDestination(spec, given),
    });
    this.#functions.set(fn.spec.name, fn);
    if (isEngine) this.#engines.add(fn);
  }

  /** Finds a function by name or ARN, with or without the qualifier $LATEST. */
  find(nameOrArn: string): LambdaFunction | undefined {
    const name = nameOrArn.replace(/:\$LATEST$/, "");
    return this.#functions.get(name.slice(name.lastIndexOf(":") + 1));
  }

  all(): LambdaFunction[] {
    return [...this.#functions.values()];
  }

  /** Returns the functions with this label or name. */
  labeled(label: string): LambdaFunction[] {
    return this.all().filter(({ spec }) => spec.label === label || spec.name === label);
  }

  environments(): { fn: LambdaFunction; environment: Environment }[] {
    return this.all().flatMap((fn) => fn.environments().map((environment) => ({ fn, environment })));
  }

  counts(): Record<string, Invocations> {
    const sums: Record<string, Invocations> = {};
    for (const { spec, counts } of this.all()) {
      const sum = sums[spec.label];
      if (!sum) sums[spec.label] = { ...counts };
      else for (const key of INVOCATION_COUNTS) sum[key] += counts[key];
    }
    return sums;
  }

  close(): void {
    this.#stopWatching();
    clearInterval(this.#idleTimer);
    for (const fn of this.all()) fn.close();
  }

  /**
   * Sends a failed event's record to its function's on-failure destination, using that function's role. A failed
   * delivery is only logged, as on AWS.
   */
  #notifyDestination(source: FunctionSpec, { event, condition, attempts, outcome }: GivenUp): void {
    const arn = source.events.onFailure;
    if (arn === undefined) return;
    const record = destinationRecord({
      requestId: event.requestId,
      functionArn: source.arn,
      condition,
      attempts,
      payload: event.payload,
      outcome,
      time: new Date(),
    });
    const refusal = this.#deliver(source, arn, { payload: Buffer.from(JSON.stringify(record)), trace: event.trace });
    if (refusal !== undefined)
      this.find(source.name)?.log.write(`the on-failure record was not delivered: ${refusal}\n`);
  }

  /** Invokes a destination. Returns the reason why that failed; undefined if it did not. */
  #deliver(source: FunctionSpec, arn: string, event: { payload: Buffer; trace: string }): string | undefined {
    const destination = this.find(arn);
    if (!destination) return `function ${arn} does not exist`;
    const role = this.#options.roles.get(source.role);
    const decision = role && this.#options.principals.decide(role, "lambda:InvokeFunction", destination.spec.arn);
    if (decision !== "allowed") return `${source.role} may not invoke ${arn}`;
    try {
      destination.accept({ ...event, tenant: undefined, clientContext: undefined }, randomUUID());
      return undefined;
    } catch (error) {
      if (error instanceof LambdaError) return error.message;
      throw error;
    }
  }
}

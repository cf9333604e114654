import type { Buffer } from "node:buffer";
import type { LatencyModel } from "../latency/latency-model.ts";
import type { OpenCall } from "../requests/call-log.ts";
import { type Invocations, noInvocations } from "../requests/meter.ts";
import type { FunctionSpec } from "../stack/deployment.ts";
import { Environment, type Invocation } from "./environment.ts";
import type { EnvironmentSetup } from "./environment-host.ts";
import { type EventDelays, EventQueue, type GivenUp } from "./event-queue.ts";
import { failureOutcome, type InvocationOutcome } from "./function-failure.ts";
import type { FunctionLog } from "./function-log.ts";
import { FunctionPool } from "./function-pool.ts";
import { invalidParameter, LambdaError, notJson, recursiveInvocation, requestTooLarge } from "./lambda-error.ts";
import { EVENT_PAYLOAD_BYTES, RECURSION_HOPS, SYNC_PAYLOAD_BYTES } from "./lambda-limits.ts";
import { passTrace } from "./recursion.ts";

/** An incoming Invoke request. */
export interface InvokeRequest {
  payload: Buffer;
  /** The caller's trace header. */
  trace: string | undefined;
  tenant: string | undefined;
  clientContext: string | undefined;
  call?: OpenCall | undefined;
}

export interface LambdaFunctionParts {
  spec: FunctionSpec;
  setup: Omit<EnvironmentSetup, "log">;
  log: FunctionLog;
  /** How many environments may be started without waiting. */
  share: number;
  /** Whether its invocations finish soon and use the CPU. If so, they wait longer for the existing environments. */
  isBrief: boolean;
  /** Whether the machine has room for one more environment. If true, one must be started. */
  takeRoom: () => boolean;
  enterAccount: () => boolean;
  leaveAccount: () => void;
  delays: EventDelays;
  latency: LatencyModel | undefined;
  /** Whether the function's role may write logs; if not, the function's output is lost. */
  mayLog: (action: "logs:CreateLogStream" | "logs:PutLogEvents") => boolean;
  /** Called with each discarded event. */
  giveUp: (spec: FunctionSpec, given: GivenUp) => void;
}

/** A deployed function: its environments, event queue and counts. */
export class LambdaFunction {
  readonly spec: FunctionSpec;
  readonly log: FunctionLog;
  counts: Invocations = noInvocations();
  readonly #parts: LambdaFunctionParts;
  readonly #queue: EventQueue;
  /** Concurrent invocations allowed; undefined: limited by the account only. */
  reservedConcurrency: number | undefined;
  /** The function's environments: one pool, or one per tenant if the function isolates tenants. */
  readonly #pools = new Map<string, FunctionPool>();

  constructor(parts: LambdaFunctionParts) {
    this.#parts = parts;
    this.spec = parts.spec;
    this.log = parts.log;
    this.reservedConcurrency = parts.spec.reservedConcurrency;
    this.#queue = new EventQueue({
      settings: parts.spec.events,
      delays: parts.delays,
      deliveryMs: () => parts.latency?.draw("delivery") ?? 0,
      run: (event) => {
        this.counts.event++;
        return this.#run(event);
      },
      isOff: () => this.reservedConcurrency === 0,
      giveUp: (given) => parts.giveUp(parts.spec, given),
    });
  }

  /**
   * Invokes the function and waits for its outcome.
   *
   * @throws LambdaError if Lambda would refuse the call
   */
  async invoke(request: InvokeRequest, requestId: string): Promise<InvocationOutcome> {
    if (request.payload.length > SYNC_PAYLOAD_BYTES) throw requestTooLarge(SYNC_PAYLOAD_BYTES);
    const { invocation, cut } = this.#admit(request, requestId);
    if (cut) throw recursiveInvocation();
    this.counts.requestResponse++;
    const outcome = await this.#run(invocation);
    if (outcome.status === "invalid") throw notJson(outcome.payload.toString());
    if (outcome.payload.length <= SYNC_PAYLOAD_BYTES) return outcome;
    return failureOutcome({
      errorType: "Function.ResponseSizeTooLarge",
      errorMessage: `Response payload size exceeded maximum allowed payload size (${SYNC_PAYLOAD_BYTES} bytes).`,
    });
  }

  /**
   * Accepts an event, to be run later.
   *
   * @throws LambdaError if Lambda would refuse the call
   */
  accept(request: InvokeRequest, requestId: string, { deliveries = 1, delayMs = 0 } = {}): void {
    if (request.payload.length > EVENT_PAYLOAD_BYTES) throw requestTooLarge(EVENT_PAYLOAD_BYTES);
    checkJson(request.payload);
    const { invocation, cut } = this.#admit(request, requestId);
    if (cut) this.#dropLoop(invocation);
    else for (let delivery = 0; delivery < deliveries; delivery++) this.#queue.accept(invocation, delayMs);
  }

  environments(): Environment[] {
    return [...this.#pools.values()].flatMap((pool) => pool.environments());
  }

  /**
   * Starts environments before they are needed, until there are `count`; none if the function isolates tenants.
   * Resolves to whether all environments that it started have loaded.
   */
  async warm(count: number): Promise<boolean> {
    return this.spec.isolatesTenants || this.#pool("").warm(count);
  }

  endIdleSince(time: number): void {
    for (const pool of this.#pools.values()) pool.endIdleSince(time);
  }

  /** Ends one idle environment. Returns false if there is none. */
  endIdle(): boolean {
    return [...this.#pools.values()].some((pool) => pool.endIdle());
  }

  resetCounts(): void {
    this.counts = noInvocations();
  }

  close(): void {
    this.#queue.close();
    for (const environment of this.environments()) environment.kill();
  }

  #admit({ payload, trace, tenant, clientContext, call }: InvokeRequest, requestId: string) {
    if (this.spec.isolatesTenants !== (tenant !== undefined))
      throw invalidParameter(
        tenant === undefined
          ? "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again."
          : "The invoked function is not enabled with tenancy configuration. Remove the tenant ID from your request and try again.",
      );
    const pass = passTrace(trace, this.spec.arn, requestId);
    const invocation: Invocation = { requestId, payload, trace: pass.trace, tenant, clientContext, call };
    return { invocation, cut: this.spec.recursiveLoop === "Terminate" && pass.hops > RECURSION_HOPS };
  }

  /** Drops an event of a recursive loop and sends a record of it to the on-failure destination. */
  #dropLoop(event: Invocation): void {
    this.#writeLog(
      `${event.requestId}\tdropped: a recursive chain of calls reached this function more than ${RECURSION_HOPS} times\n`,
    );
    this.#parts.giveUp(this.spec, { event, condition: "RetriesExhausted", attempts: 0, outcome: undefined });
  }

  async #run(invocation: Invocation): Promise<InvocationOutcome> {
    try {
      const outcome = await this.#pool(invocation.tenant ?? "").invoke(invocation);
      if (outcome.status === "error") this.counts.errors++;
      return outcome;
    } catch (error) {
      if (error instanceof LambdaError) this.counts.throttled++;
      throw error;
    }
  }

  #writeLog(text: string): void {
    if (this.#parts.mayLog("logs:PutLogEvents")) this.log.write(text);
  }

  #pool(tenant: string): FunctionPool {
    let pool = this.#pools.get(tenant);
    if (!pool) {
      const { spec, setup, share, isBrief, takeRoom, enterAccount, leaveAccount, mayLog, latency } = this.#parts;
      pool = new FunctionPool({
        start: (ended) => {
          this.counts.coldStarts++;
          // Each environment has its own log stream, which Lambda creates using the function's role.
          const hasStream = mayLog("logs:CreateLogStream");
          return new Environment({ ...setup, log: (text) => hasStream && this.#writeLog(text) }, ended);
        },
        share,
        isBrief,
        takeRoom,
        reserved: () => this.reservedConcurrency,
        enterAccount,
        leaveAccount,
        coldStart: latency && (() => latency.wait("coldStart")),
        ran: (milliseconds) => {
          this.counts.milliseconds += milliseconds;
          this.counts.gbSeconds += (milliseconds / 1000) * (spec.memoryMb / 1024);
        },
      });
      this.#pools.set(tenant, pool);
    }
    return pool;
  }
}

function checkJson(payload: Buffer): void {
  try {
    if (payload.length > 0) JSON.parse(payload.toString());
  } catch (error) {
    throw notJson(error instanceof Error ? error.message : "");
  }
}

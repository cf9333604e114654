import { Buffer } from "node:buffer";
import type { OpenCall } from "../requests/call-log.ts";
import type { InvocationHeader } from "./environment-bootstrap.ts";
import type { EnvironmentSetup, Host } from "./environment-host.ts";
import { startEnvironmentProcess } from "./environment-process.ts";
import { startEnvironmentThread } from "./environment-thread.ts";
import type { Frame } from "./frames.ts";
import { type Death, deathOutcome, type InvocationOutcome } from "./function-failure.ts";
import { INIT_MS } from "./lambda-limits.ts";

export interface Invocation {
  requestId: string;
  payload: Buffer;
  trace: string;
  tenant?: string | undefined;
  clientContext?: string | undefined;
  /** The call that requested the invocation, if calls are recorded. */
  call?: OpenCall | undefined;
}

/** The V8 heap's share of an environment's memory; the rest is for buffers, stacks and Node itself. */
const HEAP_SHARE = 0.9;

/**
 * One execution environment: a process or a thread that holds a function's module and runs one invocation at a time.
 */
export class Environment {
  /** Resolves to true when the function's module is loaded, or to false if the environment ends before that. */
  readonly started: Promise<boolean>;
  /** The running invocation; undefined while the environment is idle. */
  current: Invocation | undefined;
  /** Time at which the environment last became idle, in epoch milliseconds. */
  idleSince = 0;
  readonly #setup: EnvironmentSetup;
  readonly #host: Host;
  #settle: ((outcome: InvocationOutcome) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #death: Death | undefined;
  #dead = false;
  #onStarted: (loaded: boolean) => void = () => {};
  readonly #onDeath: () => void;

  constructor(setup: EnvironmentSetup, onDeath: () => void) {
    this.#setup = setup;
    this.#onDeath = onDeath;
    this.started = new Promise((resolve) => {
      this.#onStarted = resolve;
    });
    const heapMb = Math.floor(setup.memoryMb * HEAP_SHARE);
    const start = setup.isThread ? startEnvironmentThread : startEnvironmentProcess;
    this.#host = start(setup, heapMb, {
      received: (frame) => this.#receive(frame),
      ended: (death) => this.#end(death),
    });
    this.#timer = setTimeout(() => this.kill({ by: "timeout", seconds: INIT_MS / 1000 }), INIT_MS);
  }

  /**
   * The environment's process id; for a thread, the cloud's process id. Undefined if the process could not be started.
   */
  get pid(): number | undefined {
    return this.#setup.isThread ? process.pid : this.#host.pid;
  }

  /** The id of the process that runs only this environment; undefined for a thread. */
  get ownPid(): number | undefined {
    return this.#host.pid;
  }

  /** Whether the environment has ended or is being killed. */
  get dead(): boolean {
    return this.#dead || this.#death !== undefined;
  }

  /** Runs one invocation. Never rejects: if the environment dies, the outcome says so. */
  run(invocation: Invocation): Promise<InvocationOutcome> {
    const { requestId, trace, tenant, clientContext } = invocation;
    this.current = invocation;
    const limitMs = this.#setup.timeoutSeconds * 1000;
    const header: InvocationHeader = { requestId, deadline: Date.now() + limitMs, trace, tenant, clientContext };
    return new Promise((resolve) => {
      this.#settle = resolve;
      if (this.#dead) return this.#finish(deathOutcome(this.#death ?? { by: "exit", code: 1 }, requestId));
      this.#timer = setTimeout(() => this.kill({ by: "timeout", seconds: this.#setup.timeoutSeconds }), limitMs);
      this.#host.invoke(JSON.stringify(header), invocation.payload);
    });
  }

  /** Kills the environment. A running invocation fails with `death`. */
  kill(death: Death = { by: "signal", signal: "SIGKILL" }): void {
    this.#death ??= death;
    this.#host.kill();
  }

  #receive({ kind, payload }: Frame): void {
    switch (kind) {
      case "ready":
        clearTimeout(this.#timer);
        this.#onStarted(true);
        return;
      case "fatal":
        // Record the cause now: the environment exits next, and its exit code alone would not show the cause.
        this.#death ??= { by: "init", payload: Buffer.from(payload) };
        return;
      case "ok":
      case "error":
      case "invalid":
        this.#finish({ status: kind, payload });
        return;
      case "invoke":
        return;
    }
  }

  #end(death: Death): void {
    this.#dead = true;
    this.#death ??= death;
    clearTimeout(this.#timer);
    this.#onStarted(false);
    this.#onDeath();
    if (this.current) this.#finish(deathOutcome(this.#death, this.current.requestId));
  }

  #finish(outcome: InvocationOutcome): void {
    clearTimeout(this.#timer);
    if (outcome.status === "error")
      this.#setup.log(`${this.current?.requestId}\tERROR\tInvoke Error\t${outcome.payload}\n`);
    this.current = undefined;
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome);
  }
}

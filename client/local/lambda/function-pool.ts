import type { Environment, Invocation } from "./environment.ts";
import type { InvocationOutcome } from "./function-failure.ts";
import { throttled } from "./lambda-error.ts";

/**
 * How long an invocation waits for a busy environment before another is started, once the machine's share
 * is running. A start takes 100 ms of CPU and more, and a new process is slow at first; most
 * invocations of scheduler and report are over much sooner.
 */
const PATIENCE_MS = 250;

export interface FunctionPoolParts {
  /** Starts an environment; `ended` is called once when it is gone. */
  start: (ended: () => void) => Environment;
  /** Environments that are started without waiting. */
  share: number;
  /** Whether there is room on the machine for one more environment. */
  takeRoom: () => boolean;
  /** Invocations of this function at once; undefined: as many as the account has. */
  reserved: () => number | undefined;
  /** Takes room for one more in the account. Returns whether there was any. */
  enterAccount: () => boolean;
  leaveAccount: () => void;
  /** Told how long each invocation ran. */
  ran: (milliseconds: number) => void;
}

/** The environments of one function (and, where it isolates tenants, of one tenant). */
export class FunctionPool {
  readonly #parts: FunctionPoolParts;
  readonly #environments = new Set<Environment>();
  /** Last used last, so that few are kept busy and the rest may end. */
  readonly #idle: Environment[] = [];
  readonly #waiting: ((environment: Environment) => void)[] = [];
  #running = 0;
  #starting = 0;
  #patience: NodeJS.Timeout | undefined;

  constructor(parts: FunctionPoolParts) {
    this.#parts = parts;
  }

  /**
   * Runs an invocation in an environment of its own for that time.
   *
   * @throws LambdaError TooManyRequestsException over the function's or the account's concurrency
   */
  async invoke(invocation: Invocation): Promise<InvocationOutcome> {
    const { enterAccount, leaveAccount, ran } = this.#parts;
    const reserved = this.#parts.reserved();
    if (reserved !== undefined && this.#running >= reserved) throw throttled(true);
    if (!enterAccount()) throw throttled(reserved !== undefined);
    this.#running++;
    try {
      const environment = this.#takeIdle() ?? (await this.#nextFree());
      const from = performance.now();
      const outcome = await environment.run(invocation);
      ran(performance.now() - from);
      if (!environment.dead) this.#release(environment);
      return outcome;
    } finally {
      this.#running--;
      leaveAccount();
    }
  }

  environments(): Environment[] {
    return [...this.#environments];
  }

  /** Starts environments ahead of the invocations that will need them. */
  warm(count: number): void {
    while (this.#environments.size < count && this.#parts.takeRoom()) this.#start();
  }

  /** Ends environments that had nothing to do since before `time`. */
  endIdleSince(time: number): void {
    while (this.#idle[0] && this.#idle[0].idleSince < time) this.#idle.shift()?.kill();
  }

  /** Ends one environment that has nothing to do, the one that had for the longest; false where there is none. */
  endIdle(): boolean {
    const environment = this.#idle.shift();
    environment?.kill();
    return environment !== undefined;
  }

  #takeIdle(): Environment | undefined {
    for (;;) {
      const environment = this.#idle.pop();
      if (!environment?.dead) return environment;
    }
  }

  #nextFree(): Promise<Environment> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#startForWaiting();
      this.#watchPatience();
    });
  }

  /** Starts what the waiting ones need, up to the machine's share. */
  #startForWaiting(): void {
    const { share, takeRoom } = this.#parts;
    while (this.#starting < this.#waiting.length && this.#environments.size < share && takeRoom()) this.#start();
    // However many were asked for: one at least serves those who wait.
    if (this.#waiting.length > 0 && this.#environments.size === 0) this.#start();
  }

  #watchPatience(): void {
    this.#patience ??= setTimeout(() => {
      this.#patience = undefined;
      if (this.#waiting.length === 0) return;
      if (this.#starting === 0 && this.#parts.takeRoom()) this.#start();
      this.#watchPatience();
    }, PATIENCE_MS);
  }

  #start(): void {
    const environment: Environment = this.#parts.start(() => {
      this.#environments.delete(environment);
      // Whoever waited may have waited for this one.
      void environment.started.then(() => this.#startForWaiting());
    });
    this.#environments.add(environment);
    this.#starting++;
    void environment.started.then((loaded) => {
      this.#starting--;
      if (loaded) this.#release(environment);
      // The first in line gets it in any case: to be run in it tells why it did not start.
      else this.#waiting.shift()?.(environment);
    });
  }

  #release(environment: Environment): void {
    const next = this.#waiting.shift();
    if (next) {
      next(environment);
      return;
    }
    environment.idleSince = Date.now();
    this.#idle.push(environment);
  }
}

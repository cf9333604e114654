import type { Environment, Invocation } from "./environment.ts";
import type { InvocationOutcome } from "./function-failure.ts";
import { throttled } from "./lambda-error.ts";
import { PATIENCE_MS, Patience } from "./patience.ts";

export interface FunctionPoolParts {
  /** Starts an environment. `ended` is called once, when it has ended. */
  start: (ended: () => void) => Environment;
  /** How many environments may be started without waiting for a busy one. */
  share: number;
  /**
   * Whether invocations finish soon and use the CPU. If so, an environment beyond `share` is started only when none has
   * become free for a while.
   */
  isBrief: boolean;
  /** Whether the machine has room for one more environment. If true, one must be started. */
  takeRoom: () => boolean;
  /** Concurrent invocations allowed for this function; undefined: limited by the account only. */
  reserved: () => number | undefined;
  /** Takes one unit of the account's concurrency. Returns false if none is left. */
  enterAccount: () => boolean;
  leaveAccount: () => void;
  /** Called with the duration of each invocation. */
  ran: (milliseconds: number) => void;
  /**
   * Simulates a cold start before an environment's first invocation; resolves to the milliseconds waited. Undefined: no
   * delay.
   */
  coldStart: (() => Promise<number>) | undefined;
}

/** The environments of one function, or of one tenant if the function isolates tenants. */
export class FunctionPool {
  readonly #parts: FunctionPoolParts;
  readonly #environments = new Set<Environment>();
  /** Environments that have not run anything. */
  readonly #fresh = new WeakSet<Environment>();
  /**
   * Idle environments, the most recently used last. That one is reused first, so that the others stay idle and can be
   * ended.
   */
  readonly #idle: Environment[] = [];
  readonly #waiting: ((environment: Environment) => void)[] = [];
  #running = 0;
  #starting = 0;
  readonly #patience = new Patience();
  #look: NodeJS.Timeout | undefined;

  constructor(parts: FunctionPoolParts) {
    this.#parts = parts;
  }

  /**
   * Runs an invocation in an environment that serves nothing else meanwhile.
   *
   * @throws LambdaError TooManyRequestsException beyond the function's or the account's concurrency
   */
  async invoke(invocation: Invocation): Promise<InvocationOutcome> {
    const { enterAccount, leaveAccount, ran, coldStart } = this.#parts;
    const reserved = this.#parts.reserved();
    if (reserved !== undefined && this.#running >= reserved) throw throttled(true);
    if (!enterAccount()) throw throttled(reserved !== undefined);
    this.#running++;
    try {
      const environment = this.#takeIdle() ?? (await this.#nextFree());
      if (this.#fresh.delete(environment) && coldStart) {
        const ms = await coldStart();
        invocation.call?.startsCold(ms);
      }
      invocation.call?.runs(invocation.trace);
      const from = performance.now();
      const outcome = await environment.run(invocation);
      const lastedMs = performance.now() - from;
      this.#patience.ran(lastedMs);
      ran(lastedMs);
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

  /**
   * Starts environments before they are needed, until there are `count`. Resolves to whether all environments that it
   * started have loaded.
   */
  async warm(count: number): Promise<boolean> {
    const starting: Promise<boolean>[] = [];
    while (this.#environments.size < count && this.#parts.takeRoom()) starting.push(this.#start().started);
    return (await Promise.all(starting)).every((loaded) => loaded);
  }

  /** Ends environments that have been idle since before `time`. */
  endIdleSince(time: number): void {
    while (this.#idle[0] && this.#idle[0].idleSince < time) this.#idle.shift()?.kill();
  }

  /** Ends the environment that has been idle longest. Returns false if none is idle. */
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
      if (this.#waiting.length === 0) this.#patience.restart();
      this.#waiting.push(resolve);
      this.#startForWaiting();
      this.#lookLater();
    });
  }

  /** Starts environments for the waiting invocations, up to `share`. */
  #startForWaiting(): void {
    const { share, takeRoom } = this.#parts;
    while (this.#starting < this.#waiting.length && this.#environments.size < share && takeRoom()) this.#start();
    // Start at least one environment for waiting invocations, regardless of the limits.
    if (this.#waiting.length > 0 && this.#environments.size === 0) this.#start();
  }

  #lookLater(): void {
    this.#look ??= setTimeout(() => {
      this.#look = undefined;
      if (this.#waiting.length === 0) return;
      const mayStart = this.#starting === 0 && (!this.#parts.isBrief || this.#patience.isOver());
      if (mayStart && this.#parts.takeRoom()) this.#start();
      this.#lookLater();
    }, PATIENCE_MS);
  }

  #start(): Environment {
    const environment: Environment = this.#parts.start(() => {
      this.#environments.delete(environment);
      // If an invocation waits for this environment, start another.
      void environment.started.then(() => this.#startForWaiting());
    });
    this.#environments.add(environment);
    this.#fresh.add(environment);
    this.#starting++;
    void environment.started.then((loaded) => {
      this.#starting--;
      if (loaded) this.#release(environment);
      // Give the first waiting invocation this environment anyway: running in it reports why it did not start.
      else this.#waiting.shift()?.(environment);
    });
    return environment;
  }

  #release(environment: Environment): void {
    const next = this.#waiting.shift();
    if (next) {
      this.#patience.restart();
      next(environment);
      return;
    }
    environment.idleSince = Date.now();
    this.#idle.push(environment);
  }
}

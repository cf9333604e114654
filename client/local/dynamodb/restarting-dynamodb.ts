import { setTimeout as sleep } from "node:timers/promises";
import { ClusterError } from "../../../lambdas/protocol/errors.ts";
import type { CallChannel } from "../processes/call-channel.ts";
import { systemFailure } from "../processes/system-failure.ts";
import { type HeldPort, holdPort } from "../requests/held-port.ts";
import type { DynamoDbStart, DynamoDbVerbs } from "./dynamodb-process.ts";

/**
 * If DynamoDB ends within this time of its start, in milliseconds, the end counts as one more in a row. `bySystem`
 * applies if the system was the cause, such as a full disk.
 */
const YOUNG_MS = { bySystem: 60_000, otherwise: 5_000 };
/** DynamoDB is not restarted after it has ended, or failed to start, this many times in a row. */
const MAX_IN_A_ROW = 6;
/** Pause before the second restart in a row, in milliseconds. It doubles with each further restart. */
const FIRST_PAUSE_MS = 100;

/** The arguments with which each DynamoDB process is started. */
interface Served {
  start: DynamoDbStart;
  port: number;
}

/** A DynamoDB that is running or starting. */
export type DynamoDbChannel = Pick<CallChannel<DynamoDbVerbs>, "call" | "ended" | "kill">;

export interface RestartingDynamoDbParts {
  /** Starts the DynamoDB process or thread, which then waits for the call `open`. */
  launch: () => DynamoDbChannel;
  /** Whether the tables outlive the process, so that it can be restarted. */
  keepsTables: boolean;
  /** Makes callers wait at the port during a restart. Default: `holdPort`. */
  hold?: (port: number) => Promise<HeldPort>;
  /** Resolves after a time. Default: the system's timer. */
  pause?: (ms: number) => Promise<unknown>;
  /** Returns the time of a monotonic clock in milliseconds. Default: `performance.now`. */
  now?: () => number;
}

/**
 * The cloud's DynamoDB. If its process ends and its tables are in a folder, it restarts with them at the same port.
 * Calls and requests wait meanwhile.
 */
export class RestartingDynamoDb {
  /**
   * Resolves with the reason once DynamoDB has ended for good: its tables were in memory, or it ended too many times in
   * a row.
   */
  readonly ended: Promise<ClusterError>;
  readonly #parts: Required<RestartingDynamoDbParts>;
  #current: Promise<DynamoDbChannel>;
  #end: (why: ClusterError) => void = () => {};
  #isClosing = false;
  #endsInARow = 0;

  constructor(parts: RestartingDynamoDbParts) {
    this.#parts = { pause: (ms) => sleep(ms), now: () => performance.now(), hold: holdPort, ...parts };
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#current = Promise.resolve(this.#parts.launch());
  }

  /**
   * Opens the tables and resolves to the endpoint's port.
   *
   * @throws ClusterError if this first start fails, which is not retried
   */
  async start(start: DynamoDbStart): Promise<number> {
    const first = await this.#current;
    const at = this.#parts.now();
    await first.call("open", start);
    const port = await first.call("listen", 0);
    this.#watch(first, { start, port }, at);
    return port;
  }

  /** Calls the running DynamoDB. During a restart, waits for the next one. */
  readonly call: CallChannel<DynamoDbVerbs>["call"] = async (verb, ...argument) =>
    (await this.#current).call(verb, ...argument);

  /** Ends DynamoDB at once, as a crash would. */
  async kill(): Promise<void> {
    (await this.#current).kill();
  }

  /** Closes the tables. DynamoDB is not restarted. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await (await this.#current).call("close");
  }

  /** Restarts DynamoDB when this process ends. */
  #watch(channel: DynamoDbChannel, served: Served, startedAt: number): void {
    void channel.ended.then((why) => {
      if (this.#isClosing) return;
      if (!this.#parts.keepsTables) {
        this.#end(new ClusterError(`${why.message}; its tables were in memory and are gone`, { cause: why }));
        return;
      }
      const youngMs = systemFailure(why.message) === undefined ? YOUNG_MS.otherwise : YOUNG_MS.bySystem;
      if (this.#parts.now() - startedAt > youngMs) this.#endsInARow = 0;
      this.#current = this.#again(served, why);
      this.#current.catch((error: ClusterError) => this.#end(error));
    });
  }

  async #again(served: Served, why: Error): Promise<DynamoDbChannel> {
    let last = why;
    // If another process has taken the port, it cannot be held, and calls fail until DynamoDB listens again.
    const held = await this.#parts.hold(served.port).catch(() => undefined);
    try {
      while (++this.#endsInARow < MAX_IN_A_ROW) {
        if (this.#endsInARow > 1) await this.#parts.pause(FIRST_PAUSE_MS * 2 ** (this.#endsInARow - 2));
        const channel = this.#parts.launch();
        const at = this.#parts.now();
        try {
          await channel.call("open", served.start);
          await held?.release();
          await channel.call("listen", served.port);
          this.#watch(channel, served, at);
          return channel;
        } catch (error) {
          channel.kill();
          if (error instanceof Error) last = error;
        }
      }
    } finally {
      await held?.release();
    }
    throw new ClusterError(`${last.message} (${MAX_IN_A_ROW} times in a row)`, { cause: last, retryable: false });
  }
}

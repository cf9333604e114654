import { setTimeout as sleep } from "node:timers/promises";
import { ClusterError } from "../../../lambdas/protocol/errors.ts";
import type { CallChannel } from "../processes/call-channel.ts";
import { systemFailure } from "../processes/system-failure.ts";
import { type HeldPort, holdPort } from "../requests/held-port.ts";
import type { DynamoDbStart, DynamoDbVerbs } from "./dynamodb-process.ts";

/**
 * A DynamoDB that ends this soon after its start, in milliseconds, counts as ended in a row with the one before: if the
 * system was the cause, such as a full disk, and if not.
 */
const YOUNG_MS = { bySystem: 60_000, otherwise: 5_000 };
/** How many times in a row DynamoDB may end before it is not started again. */
const MOST_IN_A_ROW = 6;
/** Pause before the second start in a row, in milliseconds. Each further pause is twice as long as the one before. */
const FIRST_PAUSE_MS = 100;

/** What each process of DynamoDB is given. */
interface Served {
  start: DynamoDbStart;
  port: number;
}

/** A running DynamoDB, or one that starts. */
export type DynamoDbChannel = Pick<CallChannel<DynamoDbVerbs>, "call" | "ended" | "kill">;

export interface RestartingDynamoDbParts {
  /** Starts the process or thread of DynamoDB, which then waits for the call `open`. */
  launch: () => DynamoDbChannel;
  /** Whether the tables outlive the process, so that it can be started again on them. */
  keepsTables: boolean;
  /** Lets callers wait at the port while nothing serves it. Default: by a server that answers nothing. */
  hold?: (port: number) => Promise<HeldPort>;
  /** Waits. Default: the system's timer. */
  pause?: (ms: number) => Promise<unknown>;
  /** Returns milliseconds of any clock that never goes back. Default: the process's. */
  now?: () => number;
}

/**
 * The cloud's DynamoDB. If its process ends and its tables are in a folder, it is started again on them, at the same
 * port. Calls and requests in between wait for it.
 */
export class RestartingDynamoDb {
  /**
   * Resolves with the reason once DynamoDB has ended for good: its tables were in memory, or it ended again and again
   * soon after its start.
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
   * Opens the tables, and resolves to the endpoint's port.
   *
   * @throws ClusterError if the first start fails: it is not repeated
   */
  async start(start: DynamoDbStart): Promise<number> {
    const first = await this.#current;
    const at = this.#parts.now();
    await first.call("open", start);
    const port = await first.call("listen", 0);
    this.#watch(first, { start, port }, at);
    return port;
  }

  /** Calls a verb of the DynamoDB that runs, or of the next one if it is being started again. */
  readonly call: CallChannel<DynamoDbVerbs>["call"] = async (verb, ...argument) =>
    (await this.#current).call(verb, ...argument);

  /** Ends DynamoDB at once, as a crash would. */
  async kill(): Promise<void> {
    (await this.#current).kill();
  }

  /** Closes the tables. DynamoDB is not started again. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await (await this.#current).call("close");
  }

  /** Starts DynamoDB again whenever this one ends. */
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
    // If another process took the port, callers are refused until it is free again.
    const held = await this.#parts.hold(served.port).catch(() => undefined);
    try {
      while (++this.#endsInARow < MOST_IN_A_ROW) {
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
    throw new ClusterError(`${last.message} (${MOST_IN_A_ROW} times in a row)`, { cause: last, retryable: false });
  }
}

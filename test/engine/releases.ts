import { randomUUID } from "node:crypto";

/** How often a release is repeated: a task that starts later hears it too. */
const REPEAT_MS = 20;

/**
 * A task that sends `waiting <turn>` and ends when its turn is released; see `Releases`. It is sent as text, so it uses
 * nothing from this module.
 */
export const untilReleased = async (channel: string, turn: number): Promise<number> => {
  const heard = new BroadcastChannel(channel);
  const released = new Promise<void>((resolve) =>
    heard.addEventListener("message", (event: Event) => {
      if ("data" in event && Number(event.data) >= turn) resolve();
    }),
  );
  // The results of earlier tasks leave the thread at its next turn.
  await new Promise((resolve) => setImmediate(resolve));
  heard.postMessage(`waiting ${turn}`);
  await released;
  heard.postMessage(`released ${turn}`);
  heard.close();
  return turn;
};

/**
 * Like `untilReleased`, but the task never yields its thread, and ends at once if its turn is 0. Messages that are not
 * numbers come from tasks and are ignored. It is a text, since Node's types lack synchronous reads from a channel.
 */
export const blockedUntilReleased = `(channel, turn) => {
  if (turn === 0) return turn;
  const { receiveMessageOnPort } = process.getBuiltinModule("node:worker_threads");
  const heard = new BroadcastChannel(channel);
  heard.postMessage("waiting " + turn);
  while (!(Number(receiveMessageOnPort(heard)?.message) >= turn));
  heard.close();
  return turn;
}`;

/** Lets tasks in the worker's threads end when the test decides, so that no timer determines the order. */
export class Releases {
  readonly channel = `releases-${randomUUID()}`;
  readonly #channel = new BroadcastChannel(this.channel);
  readonly #said: string[] = [];
  readonly #listeners = new Set<() => void>();
  #turn = 0;
  readonly #timer = setInterval(() => {
    if (this.#turn > 0) this.#channel.postMessage(this.#turn);
  }, REPEAT_MS);

  constructor() {
    this.#channel.addEventListener("message", (event: Event) => {
      if ("data" in event) this.#said.push(String(event.data));
      for (const listener of this.#listeners) listener();
    });
  }

  /** Releases the tasks of the next turn; the first is 1. */
  next(): void {
    this.#turn++;
  }

  /** Resolves once tasks have sent these words on the channel `times` times since the test began. */
  heard(words: string, times = 1): Promise<void> {
    return new Promise((resolve) => {
      const listener = () => {
        if (this.#said.filter((said) => said === words).length < times) return;
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
      listener();
    });
  }

  end(): void {
    clearInterval(this.#timer);
    this.#channel.close();
  }
}

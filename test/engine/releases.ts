import { randomUUID } from "node:crypto";

/** How often a release is repeated: a task that starts later hears it too. */
const REPEAT_MS = 20;

/** A task that ends when its turn is released; see `Releases`. Sent as text, so it uses nothing from here. */
export const untilReleased = async (channel: string, turn: number): Promise<number> => {
  const heard = new BroadcastChannel(channel);
  await new Promise<void>((resolve) =>
    heard.addEventListener("message", (event: Event) => {
      if ("data" in event && Number(event.data) >= turn) resolve();
    }),
  );
  heard.close();
  return turn;
};

/** Lets tasks in the worker's thread end when the test says so, so that no timer decides what comes first. */
export class Releases {
  readonly channel = `releases-${randomUUID()}`;
  readonly #channel = new BroadcastChannel(this.channel);
  #turn = 0;
  readonly #timer = setInterval(() => {
    if (this.#turn > 0) this.#channel.postMessage(this.#turn);
  }, REPEAT_MS);

  /** Releases the tasks of the next turn; the first is 1. */
  next(): void {
    this.#turn++;
  }

  end(): void {
    clearInterval(this.#timer);
    this.#channel.close();
  }
}

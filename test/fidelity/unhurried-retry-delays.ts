import { Buffer } from "node:buffer";
import { vi } from "vitest";
import { EventQueue, LAMBDA_DELAYS } from "../../client/local/lambda/event-queue.ts";

const HOUR = 3_600_000;

/**
 * Measures, with a fake clock, the milliseconds before each retry of the embedded cloud's event queue with Lambda's
 * delays.
 */
export async function unhurriedRetryDelays(): Promise<number[]> {
  vi.useFakeTimers();
  try {
    const at: number[] = [];
    const queue = new EventQueue({
      settings: { maxRetries: 2, maxAgeSeconds: 21_600, onFailure: undefined },
      delays: LAMBDA_DELAYS,
      run: async () => {
        at.push(Date.now());
        return { status: "error", payload: Buffer.from("{}") };
      },
      isOff: () => false,
      giveUp: () => {},
    });
    const event = { requestId: "", payload: Buffer.from("{}"), trace: "", tenant: undefined, clientContext: undefined };
    queue.accept(event);
    await vi.advanceTimersByTimeAsync(HOUR);
    return at.slice(1).map((time, index) => time - (at[index] ?? time));
  } finally {
    vi.useRealTimers();
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import { AWS_FIGURES, type LatencyFigure, type LatencyKind } from "./aws-figures.ts";
import type { LatencyChoice } from "./latency-option.ts";
import { logNormalDraws } from "./log-normal.ts";

/**
 * The latencies that one process or thread of the embedded cloud imitates. Calls wait concurrently, and waiting uses no
 * CPU.
 *
 * DynamoDB, in its own process or thread, has a model of its own. Since each kind of call has its own sequence of
 * draws, the two models draw the same numbers as one shared model would.
 */
export class LatencyModel {
  readonly #seed: number;
  readonly #pause: (ms: number) => Promise<unknown>;
  readonly #draws = new Map<LatencyKind, () => number>();

  /** @param pause waits for some milliseconds. Default: with a timer */
  constructor({ seed }: LatencyChoice, pause: (ms: number) => Promise<unknown> = (ms) => sleep(ms)) {
    this.#seed = seed;
    this.#pause = pause;
  }

  /** Draws the next latency of a kind, in whole milliseconds, the resolution of timers. */
  draw(kind: LatencyKind): number {
    let next = this.#draws.get(kind);
    if (!next) {
      const { medianMs, p99Ms } = AWS_FIGURES[kind];
      next = logNormalDraws(this.#seed, kind, medianMs, p99Ms);
      this.#draws.set(kind, next);
    }
    return Math.round(next());
  }

  /**
   * Waits as long as a call of this kind takes. Resolves to the milliseconds waited.
   *
   * @param bytes size of the content sent with the call, for kinds with a bandwidth
   */
  async wait(kind: LatencyKind, bytes = 0): Promise<number> {
    const ms = this.draw(kind) + transferMs(kind, bytes);
    await this.#pause(ms);
    return ms;
  }

  /** Waits as long as content takes after its first byte. Resolves to the milliseconds waited. */
  async transfer(kind: LatencyKind, bytes: number): Promise<number> {
    const ms = transferMs(kind, bytes);
    if (ms > 0) await this.#pause(ms);
    return ms;
  }
}

function transferMs(kind: LatencyKind, bytes: number): number {
  const { mbPerSecond }: LatencyFigure = AWS_FIGURES[kind];
  return mbPerSecond === undefined ? 0 : Math.round(bytes / (mbPerSecond * 1000));
}

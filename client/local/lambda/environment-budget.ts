import { availableParallelism, freemem } from "node:os";

/** Megabytes that an engine's environment takes before its tasks take any. 70 were measured; the rest is for small tasks. */
export const ENVIRONMENT_MB = 100;
/** The share of the free memory that environments may take at once. */
const SHARE = 0.75;
/** How long invocations wait for a running environment, before another is started over the limit, if there is memory at that moment. */
const PATIENCE_MS = 5_000;

/** Figures of a budget, so that tests need not fill a machine. */
export interface BudgetTuning {
  /** Environments of engines at once. Default: what the free memory is enough for. */
  most?: number | undefined;
  patienceMs?: number | undefined;
}

export interface BudgetParts extends BudgetTuning {
  /** Environments of engines that are alive. */
  alive: () => number;
  /** Ends one that has nothing to do; false where there is none. */
  endIdle: () => boolean;
  now?: () => number;
  freeMb?: () => number;
}

/**
 * How many environments of engines may be alive at once, by the machine's memory. Beyond that an invocation waits until another is done,
 * as it does on Lambda over the account's concurrency.
 *
 * Now and then one more is let in while memory is free: tasks may wait for others of which the engines have none, and would for ever.
 */
export class EnvironmentBudget {
  readonly most: number;
  readonly #parts: BudgetParts;
  readonly #now: () => number;
  readonly #freeMb: () => number;
  /** Since when there has been no room. */
  #fullSince: number | undefined;

  constructor(parts: BudgetParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
    this.#freeMb = parts.freeMb ?? freeMb;
    this.most = parts.most ?? Math.max(availableParallelism(), Math.floor((this.#freeMb() * SHARE) / ENVIRONMENT_MB));
  }

  /** Whether another environment may be started now. It is to be, if so. */
  takeRoom(): boolean {
    const { alive, endIdle, patienceMs = PATIENCE_MS } = this.#parts;
    if (alive() < this.most || endIdle()) {
      this.#fullSince = undefined;
      return true;
    }
    const now = this.#now();
    this.#fullSince ??= now;
    if (now - this.#fullSince < patienceMs || this.#freeMb() < 2 * ENVIRONMENT_MB) return false;
    this.#fullSince = now;
    return true;
  }
}

/** Megabytes that processes may still take: of the machine, or of the container that this is. */
function freeMb(): number {
  // Older versions of node do not know of containers.
  const asked: unknown = Reflect.get(process, "availableMemory");
  const available = typeof asked === "function" ? Number(asked.call(process)) : Number.POSITIVE_INFINITY;
  return Math.min(freemem(), available) / 2 ** 20;
}

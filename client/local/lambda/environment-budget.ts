import { availableParallelism, freemem } from "node:os";

/**
 * Megabytes reserved per engine environment. An idle environment was measured at 70 MB; the rest is for small tasks.
 */
export const ENVIRONMENT_MB = 100;
/** Share of the free memory that engine environments may use. */
const SHARE = 0.75;
/**
 * How long invocations wait for an environment to become free. After that, another environment is started beyond the
 * limit if memory is free.
 */
const PATIENCE_MS = 5_000;

/** Overrides of the budget, so that tests need not fill a machine's memory. */
export interface BudgetTuning {
  /**
   * Maximum number of engine environments that are alive at once. Default: as many as three quarters of the free memory
   * hold at 100 MB each, but at least one per core.
   */
  most?: number | undefined;
  patienceMs?: number | undefined;
}

export interface BudgetParts extends BudgetTuning {
  /** Returns how many engine environments are alive. */
  alive: () => number;
  /** Ends one idle environment. Returns false if there is none. */
  endIdle: () => boolean;
  now?: () => number;
  freeMb?: () => number;
}

/**
 * Limits how many engine environments are alive at once, by the machine's memory. Beyond the limit, an invocation waits
 * until an environment is free or ends.
 *
 * While memory is free, one more environment is admitted every few seconds: running tasks may wait for tasks that no
 * engine has yet, and would otherwise wait forever.
 */
export class EnvironmentBudget {
  readonly most: number;
  readonly #parts: BudgetParts;
  readonly #now: () => number;
  readonly #freeMb: () => number;
  /**
   * Time since which the budget has been full without admitting one more, in epoch milliseconds; undefined while it has
   * room.
   */
  #fullSince: number | undefined;

  constructor(parts: BudgetParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
    this.#freeMb = parts.freeMb ?? freeMb;
    this.most = parts.most ?? Math.max(availableParallelism(), Math.floor((this.#freeMb() * SHARE) / ENVIRONMENT_MB));
  }

  /**
   * Whether another environment may be started now; ends an idle one first if that makes room. If true, the caller must
   * start one.
   */
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

/** Returns the free memory of the machine or of this container, in megabytes. */
function freeMb(): number {
  // Older versions of Node lack `process.availableMemory`.
  const asked: unknown = Reflect.get(process, "availableMemory");
  const available = typeof asked === "function" ? Number(asked.call(process)) : Number.POSITIVE_INFINITY;
  return Math.min(freemem(), available) / 2 ** 20;
}

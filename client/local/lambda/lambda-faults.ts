/**
 * Faults to inject into Lambda. All of them can happen on AWS too. Functions are named by role (`scheduler`, `report`,
 * `engine`) or by full name.
 */
export class LambdaFaults {
  readonly #dropped = new Map<string, number>();
  readonly #doubled = new Map<string, number>();
  readonly #lostAnswers = new Map<string, number>();
  readonly #delays = new Map<string, number>();

  /** Loses the next `count` events of a function after accepting them. */
  dropEvents({ label, count }: { label: string; count: number }): void {
    this.#dropped.set(label, count);
  }

  /** Delivers each of the next `count` events of a function twice. */
  doubleEvents({ label, count }: { label: string; count: number }): void {
    this.#doubled.set(label, count);
  }

  /** Delays every event of a function by `delayMs` from now on; 0 turns the delay off. */
  delayEvents({ label, delayMs }: { label: string; delayMs: number }): void {
    this.#delays.set(label, delayMs);
  }

  /** Runs the next `count` synchronous invocations of a function, but drops the connection instead of answering. */
  loseAnswers({ label, count }: { label: string; count: number }): void {
    this.#lostAnswers.set(label, count);
  }

  /**
   * Returns how often to deliver a function's next event, and after which delay. A dropped or doubled event uses up one
   * fault.
   */
  eventFate({ label, name }: FunctionNames): { deliveries: number; delayMs: number } {
    const delayMs = this.#delays.get(name) ?? this.#delays.get(label) ?? 0;
    if (takeOne(this.#dropped, label) || takeOne(this.#dropped, name)) return { deliveries: 0, delayMs };
    const doubled = takeOne(this.#doubled, label) || takeOne(this.#doubled, name);
    return { deliveries: doubled ? 2 : 1, delayMs };
  }

  takesAnswer({ label, name }: FunctionNames): boolean {
    return takeOne(this.#lostAnswers, label) || takeOne(this.#lostAnswers, name);
  }
}

interface FunctionNames {
  label: string;
  name: string;
}

function takeOne(counts: Map<string, number>, name: string): boolean {
  const left = counts.get(name) ?? 0;
  if (left > 0) counts.set(name, left - 1);
  return left > 0;
}

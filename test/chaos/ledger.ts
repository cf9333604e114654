/** Counts the faults of a run, and prints them. */
export class Ledger {
  readonly #counts = new Map<string, number>();

  add(fault: string): void {
    this.#counts.set(fault, (this.#counts.get(fault) ?? 0) + 1);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Returns one line with the count of each kind of fault, the most frequent first. */
  line(): string {
    const sorted = [...this.#counts].sort(([, a], [, b]) => b - a);
    return sorted.map(([fault, count]) => `${count} × ${fault}`).join(", ");
  }
}

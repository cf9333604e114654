/** Weights that can be changed and drawn from in proportion, each in logarithmic time. */
export class SumTree {
  /** A binary tree in an array: node n has children 2n and 2n + 1; the leaves are the second half. */
  readonly #sums: Float64Array;
  readonly #leaves: number;

  constructor(weights: readonly number[]) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, weights.length)));
    this.#sums = new Float64Array(2 * this.#leaves);
    this.#sums.set(weights, this.#leaves);
    for (let node = this.#leaves - 1; node > 0; node--) this.#add(node);
  }

  set(at: number, weight: number): void {
    let node = this.#leaves + at;
    this.#sums[node] = weight;
    // Each node is summed from its children. If the difference were added instead, rounding errors would accumulate,
    // because weights span nine orders of magnitude.
    for (node >>= 1; node > 0; node >>= 1) this.#add(node);
  }

  weight(at: number): number {
    return this.#sums[this.#leaves + at] ?? 0;
  }

  /**
   * Draws a position in proportion to the weights, never one with weight 0.
   *
   * @param random uniform in [0, 1)
   */
  draw(random: number): number {
    let point = random * (this.#sums[1] ?? 0);
    let node = 1;
    while (node < this.#leaves) {
      node *= 2;
      const left = this.#sums[node] ?? 0;
      const right = this.#sums[node + 1] ?? 0;
      if (point < left || right === 0) continue;
      point -= left;
      node++;
    }
    return node - this.#leaves;
  }

  #add(node: number): void {
    this.#sums[node] = (this.#sums[2 * node] ?? 0) + (this.#sums[2 * node + 1] ?? 0);
  }
}

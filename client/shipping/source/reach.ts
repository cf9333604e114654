import type { AnyNode } from "acorn";

/** Tracks whether every call of the outermost function reaches the current position of a walk. */
export class Reach {
  /** Number of functions around the position, including the outermost. */
  #functions = 0;
  #unsure = 0;
  /** Whether a jump in the outermost function may have skipped the position. */
  #left = false;

  get isCertain(): boolean {
    return this.#functions === 1 && this.#unsure === 0 && !this.#left;
  }

  inFunction(walk: () => void): void {
    this.#functions++;
    walk();
    this.#functions--;
  }

  /** Walks code that not every call reaches. */
  unsurely(walk: () => void): void {
    this.#unsure++;
    walk();
    this.#unsure--;
  }

  /** Records a jump, such as `return` or `break`, that may skip the following code. */
  leave(): void {
    if (this.#functions === 1) this.#left = true;
  }
}

const PASSED = new Set(
  "ForStatement ForInStatement ForOfStatement WhileStatement SwitchStatement TryStatement ChainExpression".split(" "),
);

/** Whether the contents of the node may never be reached. */
export function mayBePassed({ type }: AnyNode): boolean {
  return PASSED.has(type);
}

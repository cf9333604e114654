import type { AnyNode } from "acorn";

/** Whether a call of the outermost function is sure to come to the place that a walk is at. */
export class Reach {
  /** Functions around the place, the outermost included. */
  #functions = 0;
  #unsure = 0;
  /** Whether the function may have been left before. */
  #left = false;

  get isCertain(): boolean {
    return this.#functions === 1 && this.#unsure === 0 && !this.#left;
  }

  inFunction(walk: () => void): void {
    this.#functions++;
    walk();
    this.#functions--;
  }

  /** For what is not reached by every call. */
  unsurely(walk: () => void): void {
    this.#unsure++;
    walk();
    this.#unsure--;
  }

  /** Past a statement that may end the call. */
  leave(): void {
    if (this.#functions === 1) this.#left = true;
  }
}

const PASSED = new Set(
  "ForStatement ForInStatement ForOfStatement WhileStatement SwitchStatement TryStatement ChainExpression".split(" "),
);

/** Whether what stands in the node may never be reached. */
export function mayBePassed({ type }: AnyNode): boolean {
  return PASSED.has(type);
}

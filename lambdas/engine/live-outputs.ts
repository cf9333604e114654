/** What one running task has written so far. */
export interface LiveOutput {
  stdout: string;
  stderr: string;
}

/** What tasks have written that the door was not told of, by position. */
export class LiveOutputs {
  readonly #untold = new Map<number, LiveOutput>();

  add(position: number, output: LiveOutput): void {
    this.#untold.set(position, output);
  }

  /** What is to be told of tasks that still run; it stays until `told`. What others wrote comes with their outcome. */
  pending(runs: (position: number) => boolean): [position: number, output: LiveOutput][] {
    for (const position of this.#untold.keys()) if (!runs(position)) this.#untold.delete(position);
    return [...this.#untold];
  }

  /** The door knows of these; of what came since, it does not. */
  told(outputs: readonly [position: number, output: LiveOutput][]): void {
    for (const [position, output] of outputs) if (this.#untold.get(position) === output) this.#untold.delete(position);
  }
}

import type { LiveOutput } from "../messages/shared-output.ts";

/** Output that no heartbeat has delivered yet, by position. */
export class LiveOutputs {
  readonly #undelivered = new Map<number, LiveOutput>();
  /** The last recorded output, and the position of its task. */
  #latest: { position: number; output: LiveOutput } | undefined;

  /** Records all output of the task so far; does nothing if none of it is new. */
  note(position: number, output: LiveOutput): void {
    const { stdout, stderr } = this.#latest?.position === position ? this.#latest.output : { stdout: "", stderr: "" };
    if (output.stdout === stdout && output.stderr === stderr) return;
    this.#latest = { position, output };
    this.#undelivered.set(position, output);
  }

  /**
   * Returns the undelivered output of running tasks, which is kept until `delivered` removes it. Drops the output of
   * all other tasks, because their outcomes include it.
   */
  pending(runs: (position: number) => boolean): [position: number, output: LiveOutput][] {
    for (const position of this.#undelivered.keys()) if (!runs(position)) this.#undelivered.delete(position);
    return [...this.#undelivered];
  }

  /** Removes outputs that were delivered; newer ones stay. */
  delivered(outputs: readonly [position: number, output: LiveOutput][]): void {
    for (const [position, output] of outputs)
      if (this.#undelivered.get(position) === output) this.#undelivered.delete(position);
  }
}

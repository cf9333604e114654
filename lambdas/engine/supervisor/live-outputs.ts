import type { LiveOutput } from "../messages/shared-output.ts";

/** What tasks have written that the door was not told of, by position. */
export class LiveOutputs {
  readonly #untold = new Map<number, LiveOutput>();
  /** What was noted last, and of which task. */
  #latest: { position: number; output: LiveOutput } | undefined;

  /** The task has written so much by now; ignored when that is no more than was noted last. */
  note(position: number, output: LiveOutput): void {
    const { stdout, stderr } = this.#latest?.position === position ? this.#latest.output : { stdout: "", stderr: "" };
    if (output.stdout === stdout && output.stderr === stderr) return;
    this.#latest = { position, output };
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

import { abortable } from "../cluster/abortable.ts";
import type { WaitOptions } from "../flags/wait-options.ts";
import type { OutputTargets } from "./output-printer.ts";
import { INSIDE, type PerItem, perItem, ResultFacts } from "./result-facts.ts";
import { streamOutput } from "./stream-output.ts";

/** Adds the tasks' printed output to a result. */
export abstract class PrintedResult<T> extends ResultFacts<T> {
  /**
   * Waits until all tasks have finished and returns their output to stdout: a string for an apply, one string per item
   * for a map.
   *
   * @example
   * const greeting = view.apply(() => console.log("hello"));
   * console.log(await greeting.stdout()); // hello
   */
  async stdout(): Promise<PerItem<T, string>> {
    return this.#output("stdout");
  }

  /**
   * Like `stdout`, for stderr.
   *
   * @example
   * console.log((await mapped.stderr()).join(""));
   */
  async stderr(): Promise<PerItem<T, string>> {
    return this.#output("stderr");
  }

  /**
   * Writes the tasks' output while they run, until all have finished: an apply's output unchanged, a map's line by
   * line, each line prefixed with its item's number. Output arrives within about two seconds; output of tasks that have
   * already finished comes first.
   *
   * @param options `stdout`, `stderr`: where to write. Default: this process's own streams
   * @returns whether all finished in time
   * @throws the signal's reason if it is aborted
   * @example
   * await mapped.streamOutput({ timeoutMs: 60_000 });
   */
  async streamOutput(options: WaitOptions & Partial<OutputTargets> = {}): Promise<boolean> {
    const { ports, reader } = this[INSIDE];
    return abortable(options.signal, async () => {
      const { items, shape } = await reader.load();
      options.signal?.throwIfAborted();
      return streamOutput(ports, items, shape === "list", options);
    });
  }

  async #output(stream: "stdout" | "stderr"): Promise<PerItem<T, string>> {
    const { reader } = this[INSIDE];
    const texts = await reader.output(stream);
    return perItem<T, string>(reader.known(stream).shape, texts);
  }
}

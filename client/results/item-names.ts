import { decodeValue } from "../../lambdas/protocol/codec.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import { shortArguments } from "./shown-arguments.ts";

/** Names items in the messages of their errors: by index and, if this process submitted them, by argument. */
export class ItemNames {
  /**
   * The chunk whose arguments were decoded last, so that a chunk whose items fail one after another is decoded once.
   */
  #chunk: { text: string; rows: readonly unknown[] } | undefined;

  /** @param index position of the item in its result */
  nameOf(outcomes: JobOutcomes, task: number, offset: number, index: number): string {
    const text = outcomes.args.of(task);
    const args =
      text === undefined ? undefined : this.#argumentsIn(text, outcomes.header?.chunked ? offset : undefined);
    return args === undefined ? `item ${index}` : `item ${index}: ${args}`;
  }

  #argumentsIn(text: string, offset: number | undefined): string | undefined {
    try {
      const row = offset === undefined ? decodeValue(text) : this.#rowsOf(text)[offset];
      return Array.isArray(row) ? shortArguments(row) : undefined;
    } catch {
      // Decoding or formatting a value of the user's own class may fail: then name the item by its index only.
      return undefined;
    }
  }

  #rowsOf(text: string): readonly unknown[] {
    if (this.#chunk?.text !== text) {
      const rows = decodeValue(text);
      this.#chunk = { text, rows: Array.isArray(rows) ? rows : [] };
    }
    return this.#chunk.rows;
  }
}

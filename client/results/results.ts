import type { ResultSource } from "../outcomes/result-source.ts";
import { AsyncResult, type ItemOf } from "./async-result.ts";
import { INSIDE } from "./result-facts.ts";
import { joinedSource } from "./result-parts.ts";
import type { ResultPorts } from "./result-ports.ts";

/** Makes the results of one client. */
export class Results {
  readonly #ports: ResultPorts;

  constructor(ports: ResultPorts) {
    this.#ports = ports;
  }

  /** Makes a result of tasks from any source. */
  of<T, Item = ItemOf<T>>(source: ResultSource<T>): AsyncResult<T, Item> {
    return new AsyncResult<T, Item>(this.#ports, source);
  }

  /**
   * Joins several results into one list of their items. The joined result has the given flags, not its parts' flags.
   */
  joined<Item>(
    results: readonly AsyncResult<unknown, Item>[],
    flags: Pick<ResultSource<Item[]>, "label" | "ordered" | "returnExceptions">,
  ): AsyncResult<Item[]> {
    const loaded = joinedSource(results.map((result) => result[INSIDE].reader));
    return this.of({ ...flags, loaded, jobId: undefined });
  }
}

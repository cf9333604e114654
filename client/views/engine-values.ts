import { chunkBounds } from "../../lambdas/protocol/spec-page.ts";
import type { Flags } from "../flags/flags.ts";
import { isIterable } from "../flags/iterables.ts";
import { typedValue } from "../results/typed-value.ts";
import type { NamedValues } from "./named-values.ts";
import { checkSequence } from "./sequences.ts";

/**
 * For a view of one engine by its id, the value itself; for any other view, a list with one value per engine, in their
 * order.
 */
export type Each<Single extends boolean, T> = Single extends true ? T : T[];

/** The methods of a direct view that read and write named values on its engines. */
export abstract class EngineValues<Single extends boolean> {
  abstract readonly flags: Readonly<Flags>;
  abstract get targets(): number[];
  readonly #names: NamedValues;
  readonly #isSingle: boolean;

  constructor(names: NamedValues, isSingle: boolean) {
    this.#names = names;
    this.#isSingle = isSingle;
  }

  /**
   * Stores values under names on each engine: after `push({ a: 5 })`, pass `new Reference("a")` as a task's argument.
   * Functions may be pushed too. Tasks submitted after the call see the values. Tasks submitted before it see them too
   * if they start after the promise has resolved.
   *
   * @throws CodecError or CaptureError, which names the value that cannot be sent; the reason of the view's signal, if
   *   it was aborted before sending
   * @example
   * await direct.push({ limit: 5, scale: (x: number) => x * 10 });
   */
  push(values: Readonly<Record<string, unknown>>): Promise<void> {
    const engines = this.targets;
    const pushes = Object.entries(values).map(([name, value]) => ({ name, engines, value }));
    return this.#names.push(pushes, this.flags);
  }

  /**
   * Gets the value of a name on each engine; for several names, a list of their values per engine.
   *
   * @throws NameError if nothing was pushed under the name
   * @example
   * const limits = await direct.pull<number>("limit");
   */
  pull<T = unknown>(name: string): Promise<Each<Single, T>>;
  pull<T extends readonly unknown[] = unknown[]>(names: readonly string[]): Promise<Each<Single, T>>;
  async pull(wanted: string | readonly string[]): Promise<unknown> {
    const engines = this.targets;
    const names = typeof wanted === "string" ? [wanted] : wanted;
    const byName = await Promise.all(names.map((name) => this.#names.pull(name, engines)));
    const each = engines.map((_, at) =>
      typeof wanted === "string" ? byName[0]?.[at] : byName.map((values) => values[at]),
    );
    return this.#isSingle ? each[0] : each;
  }

  /**
   * Divides a sequence into balanced, contiguous blocks, one per engine, and pushes each under the name. Blocks of a
   * typed array are typed arrays.
   *
   * @param options `flatten`: whether a block of one item is pushed as the item itself. Default false
   * @throws TypeError for anything but a sequence, CodecError
   * @example
   * await direct.scatter("part", new Float64Array(1000));
   */
  scatter(name: string, sequence: Iterable<unknown>, { flatten = false }: { flatten?: boolean } = {}): Promise<void> {
    checkSequence(sequence, "scatter", 1);
    const items = isSliceable(sequence) ? sequence : [...sequence];
    const engines = this.targets;
    const pushes = engines.map((id, at) => {
      const { from, to } = chunkBounds(items.length, engines.length, at);
      const block = items.slice(from, to);
      return { name, engines: [id], value: flatten && block.length === 1 ? block[0] : block };
    });
    return this.#names.push(pushes, this.flags);
  }

  /**
   * Joins the blocks that `scatter` made, in the engines' order. Each is flattened by one level.
   *
   * @throws NameError if nothing was pushed under the name
   * @example
   * const numbers = await direct.gather<number>("part");
   */
  async gather<Item = unknown>(name: string): Promise<Item[]> {
    const blocks = await this.#names.pull(name, this.targets);
    return typedValue(
      blocks.flatMap((block) => (isIterable(block) && typeof block !== "string" ? [...block] : [block])),
    );
  }
}

/** The members of a typed array that dividing it needs. */
interface Sliceable {
  readonly length: number;
  readonly [at: number]: unknown;
  slice(from: number, to: number): Sliceable;
}

/** Whether a sequence is a typed array, whose blocks are typed arrays too. */
function isSliceable(sequence: unknown): sequence is Sliceable {
  return ArrayBuffer.isView(sequence) && "slice" in sequence;
}

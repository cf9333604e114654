import { chunkBounds } from "../../lambdas/protocol/spec-page.ts";
import type { Flags } from "../flags/flags.ts";
import { isIterable } from "../flags/iterables.ts";
import { typedValue } from "../results/typed-value.ts";
import type { NamedValues } from "./named-values.ts";
import { checkSequence } from "./sequences.ts";

/** Of a view of one engine by its id, the value itself; of any other the list of each engine's, in their order. */
export type Each<Single extends boolean, T> = Single extends true ? T : T[];

/** Values that chosen engines have under names. */
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
   * Gives values names on each engine: `push({ a: 5 })`, then `new Reference("a")` among a task's arguments. Functions
   * may be pushed too. Resolves when tasks that start from then on see them; tasks submitted later always do.
   *
   * @throws CodecError or CaptureError that names what cannot be sent; the reason of the view's signal, if it was aborted before
   * @example
   * await direct.push({ limit: 5, scale: (x: number) => x * 10 });
   */
  push(values: Readonly<Record<string, unknown>>): Promise<void> {
    const engines = this.targets;
    const pushes = Object.entries(values).map(([name, value]) => ({ name, engines, value }));
    return this.#names.push(pushes, this.flags);
  }

  /**
   * The value of a name on each engine; for several names the list of their values.
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
   * Cuts a sequence into contiguous blocks, balanced, one for each engine, and pushes each under the name; typed arrays stay
   * typed.
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
   * What `scatter` cut, put together again: the blocks of all engines in their order, each flattened by one level.
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

/** What the arrays of numbers have in common. */
interface Sliceable {
  readonly length: number;
  readonly [at: number]: unknown;
  slice(from: number, to: number): Sliceable;
}

/** Whether a sequence is an array of numbers, whose blocks stay one. */
function isSliceable(sequence: unknown): sequence is Sliceable {
  return ArrayBuffer.isView(sequence) && "slice" in sequence;
}

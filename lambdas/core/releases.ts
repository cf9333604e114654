import { type IndexRange, mergedRanges, rangesOf, withoutRanges } from "../protocol/index-ranges.ts";

/**
 * Which waiting tasks in a ledger's bucket were released, to be leased or ended. Encoded as a set of strings: `from-to`
 * releases tasks at hop 0; `~index=hop` returns a task to waiting, to be released next at that hop; `index=hop`
 * releases it at that hop. The set only grows, so the writer that adds a new string is the one that released the task.
 */
export class Releases {
  readonly #plain: IndexRange[];
  readonly #released = new Map<number, number>();
  readonly #returned = new Map<number, number>();

  constructor(elements: readonly string[] | undefined) {
    const plain: IndexRange[] = [];
    for (const element of elements ?? []) {
      const [range = "", hop] = element.split("=");
      if (hop === undefined) {
        const [from = 0, to = from + 1] = range.split("-").map(Number);
        plain.push([from, to]);
        continue;
      }
      const hops = range.startsWith("~") ? this.#returned : this.#released;
      const index = Number(range.replace("~", ""));
      hops.set(index, Math.max(Number(hop), hops.get(index) ?? 0));
    }
    this.#plain = mergedRanges(plain);
  }

  /** The tasks of [from, to) that are still waiting. */
  waiting([from, to]: IndexRange): IndexRange[] {
    const left = withoutRanges([[from, to]], this.#plain);
    if (this.#returned.size === 0) return left;
    const again = [...this.#returned].filter(
      ([index, hop]) => index >= from && index < to && (this.#released.get(index) ?? 0) < hop,
    );
    return again.length === 0 ? left : mergedRanges([...left, ...rangesOf(again.map(([index]) => index))]);
  }

  /** Whether a task is still waiting. */
  isWaiting(index: number): boolean {
    return this.waiting([index, index + 1]).length > 0;
  }

  /** The hop at which a waiting task is released: 0 unless it was returned to waiting. */
  hopOf(index: number): number {
    return this.#returned.get(index) ?? 0;
  }

  /** The strings that release waiting tasks. */
  stringsFor(ranges: readonly IndexRange[]): string[] {
    const texts: string[] = [];
    for (const [from, to] of ranges) {
      let start = from;
      for (const index of this.#returned.keys())
        if (index >= from && index < to) texts.push(releasedAt(index, this.hopOf(index)));
      for (let index = from; index <= to; index++) {
        if (index < to && !this.#returned.has(index)) continue;
        if (start < index) texts.push(index - start === 1 ? `${start}` : `${start}-${index}`);
        start = index + 1;
      }
    }
    return texts;
  }
}

/** The string that returns a task to waiting, to be released next at `hop`. */
export function backToWaiting(index: number, hop: number): string {
  return `~${index}=${hop}`;
}

/** The string that releases a task at `hop`. */
export function releasedAt(index: number, hop: number): string {
  return `${index}=${hop}`;
}

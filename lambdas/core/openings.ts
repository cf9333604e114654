import { type IndexRange, mergedRanges, rangesOf, withoutRanges } from "../protocol/index-ranges.ts";

/**
 * Which waiting tasks of a ledger were opened: taken out of waiting, to be leased or ended. The texts of a set: `from-to` opens
 * at hop 0; `~index=hop` says that a task went back to waiting, and is next opened at that hop; `index=hop` opens it
 * so. The set only grows, so who adds a text that was not there before is the one who opened.
 */
export class Openings {
  readonly #plain: IndexRange[];
  readonly #opened = new Map<number, number>();
  readonly #closed = new Map<number, number>();

  constructor(elements: readonly string[] | undefined) {
    const plain: IndexRange[] = [];
    for (const element of elements ?? []) {
      const [what = "", hop] = element.split("=");
      if (hop === undefined) {
        const [from = 0, to = from + 1] = what.split("-").map(Number);
        plain.push([from, to]);
        continue;
      }
      const hops = what.startsWith("~") ? this.#closed : this.#opened;
      const index = Number(what.replace("~", ""));
      hops.set(index, Math.max(Number(hop), hops.get(index) ?? 0));
    }
    this.#plain = mergedRanges(plain);
  }

  /** Those of [from, to) that wait. */
  waiting([from, to]: IndexRange): IndexRange[] {
    const left = withoutRanges([[from, to]], this.#plain);
    if (this.#closed.size === 0) return left;
    const again = [...this.#closed].filter(
      ([index, hop]) => index >= from && index < to && (this.#opened.get(index) ?? 0) < hop,
    );
    return again.length === 0 ? left : mergedRanges([...left, ...rangesOf(again.map(([index]) => index))]);
  }

  /** The hop at which a waiting task is opened: 0, unless it went back to waiting. */
  hopOf(index: number): number {
    return this.#closed.get(index) ?? 0;
  }

  /** The texts that open waiting tasks. */
  toOpen(ranges: readonly IndexRange[]): string[] {
    const texts: string[] = [];
    for (const [from, to] of ranges) {
      let start = from;
      for (const index of this.#closed.keys())
        if (index >= from && index < to) texts.push(`${index}=${this.hopOf(index)}`);
      for (let index = from; index <= to; index++) {
        if (index < to && !this.#closed.has(index)) continue;
        if (start < index) texts.push(index - start === 1 ? `${start}` : `${start}-${index}`);
        start = index + 1;
      }
    }
    return texts;
  }
}

/** The text by which a task goes back to waiting, to be opened at `hop` the next time. */
export function backToWaiting(index: number, hop: number): string {
  return `~${index}=${hop}`;
}

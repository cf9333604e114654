import type { IndexRange } from "./index-ranges.ts";

/**
 * Limit of the gaps between separate views of one buffer, in bytes. Gaps are sent as zeros. The views still share one
 * buffer after decoding if their gaps total at most this, or no more than the bytes that the views show.
 */
const GAP_BYTES = 64 * 1024;

/** A part of a buffer that is sent as a separate buffer. */
interface Piece {
  from: number;
  to: number;
  buffer: ArrayBuffer;
}

/**
 * The buffers behind a value's views. Only the bytes that views show are sent: a short view does not bring the rest of
 * a long buffer. After decoding, views of one buffer share a buffer again; if they are far apart, only overlapping
 * views do.
 */
export class SharedBuffers {
  #seen = new Map<ArrayBuffer, IndexRange[]>();
  readonly #pieces = new Map<ArrayBuffer, Piece[]>();
  readonly #copies = new WeakSet<ArrayBuffer>();

  /** Records a buffer that is itself part of the value, so it is sent whole. */
  seeWhole(buffer: ArrayBuffer): void {
    if (!this.#copies.has(buffer)) this.#see(buffer, 0, buffer.byteLength);
  }

  /** The buffer that is sent instead of the view's own, and the view's offset in it. */
  placeOf(view: ArrayBufferView<ArrayBuffer>): { buffer: ArrayBuffer; byteOffset: number } {
    const { buffer, byteOffset, byteLength } = view;
    this.#see(buffer, byteOffset, byteOffset + byteLength);
    const piece = this.#pieces.get(buffer)?.find(({ from, to }) => from <= byteOffset && byteOffset + byteLength <= to);
    if (piece) return { buffer: piece.buffer, byteOffset: byteOffset - piece.from };
    if (byteLength === buffer.byteLength) return { buffer, byteOffset: 0 };
    return {
      buffer: this.#copy(buffer, [[byteOffset, byteOffset + byteLength]], byteOffset, byteLength),
      byteOffset: 0,
    };
  }

  /**
   * Decides how the recorded buffers are shared.
   *
   * @returns whether any are shared, so that the value must be written again
   */
  plan(): boolean {
    for (const [buffer, ranges] of this.#seen)
      if (ranges.length > 1) this.#pieces.set(buffer, this.#piecesOf(buffer, ranges));
    this.#seen = new Map();
    return this.#pieces.size > 0;
  }

  #see(buffer: ArrayBuffer, from: number, to: number): void {
    const ranges = this.#seen.get(buffer);
    if (ranges) ranges.push([from, to]);
    else this.#seen.set(buffer, [[from, to]]);
  }

  #piecesOf(buffer: ArrayBuffer, ranges: readonly IndexRange[]): Piece[] {
    const visible = merged(ranges);
    const shown = visible.reduce((sum, [from, to]) => sum + to - from, 0);
    const first = visible[0]?.[0] ?? 0;
    const past = visible.at(-1)?.[1] ?? 0;
    const isDense = past - first - shown <= Math.max(shown, GAP_BYTES);
    return (isDense ? [[first, past] as const] : visible).map(([begin, to]) => {
      // The widest items are 8 bytes long and need an offset that is a multiple of their length.
      const from = begin - (begin % 8);
      if (from === 0 && to === buffer.byteLength && shown === to) return { from, to, buffer };
      const inside = visible.filter(([start, end]) => start >= begin && end <= to);
      return { from, to, buffer: this.#copy(buffer, inside, from, to - from) };
    });
  }

  #copy(buffer: ArrayBuffer, visible: readonly IndexRange[], from: number, length: number): ArrayBuffer {
    const bytes = new Uint8Array(length);
    for (const [start, end] of visible) bytes.set(new Uint8Array(buffer, start, end - start), start - from);
    this.#copies.add(bytes.buffer);
    return bytes.buffer;
  }
}

/** Merges ranges that overlap or touch, sorted; a separate empty range is kept. */
function merged(ranges: readonly IndexRange[]): IndexRange[] {
  const result: [number, number][] = [];
  for (const [from, to] of [...ranges].sort(([a, b], [c, d]) => a - c || b - d)) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

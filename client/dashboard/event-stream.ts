/** One server-sent event. */
export interface StreamEvent {
  name: string;
  data: string;
}

/** Splits a stream of text, which arrives in pieces of any size, into server-sent events. */
export class EventStream {
  #rest = "";

  /** Adds a piece. Returns the events that are complete with it. */
  add(piece: string): StreamEvent[] {
    const blocks = (this.#rest + piece).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    return blocks.map((block) => {
      const lines = block.split("\n");
      return { name: fieldOf(lines, "event: "), data: fieldOf(lines, "data: ") };
    });
  }
}

function fieldOf(lines: readonly string[], name: string): string {
  return lines.find((line) => line.startsWith(name))?.slice(name.length) ?? "";
}

import { StringDecoder } from "node:string_decoder";

/** Most characters kept of each of a task's streams. */
export const OUTPUT_CHARS = 16 * 1024;

/** What a task wrote to one stream, up to `OUTPUT_CHARS`, and how much more it was. */
export class OutputCapture {
  #text = "";
  #dropped = 0;
  #decoder: StringDecoder | undefined;

  add(chunk: string | Uint8Array, encoding?: BufferEncoding): void {
    const text = typeof chunk === "string" ? decoded(chunk, encoding) : this.#decode(chunk);
    const room = OUTPUT_CHARS - this.#text.length;
    this.#text += text.length <= room ? text : text.slice(0, room);
    this.#dropped += Math.max(0, text.length - room);
  }

  /** What was kept so far, while more may come. */
  get soFar(): string {
    return this.#text;
  }

  /** Undefined when nothing was written. */
  text(): string | undefined {
    const rest = this.#decoder?.end();
    if (rest) this.add(rest);
    if (this.#dropped > 0) return `${this.#text}\n[fantail: ${this.#dropped} more characters were not kept]\n`;
    return this.#text === "" ? undefined : this.#text;
  }

  /** A character may be cut between two chunks. */
  #decode(chunk: Uint8Array): string {
    this.#decoder ??= new StringDecoder("utf8");
    return this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  }
}

/** A string in hex or base64 is bytes in disguise, as streams see it. */
function decoded(text: string, encoding: BufferEncoding | undefined): string {
  if (encoding === "hex" || encoding === "base64" || encoding === "base64url" || encoding === "latin1")
    return Buffer.from(text, encoding).toString("utf8");
  return text;
}

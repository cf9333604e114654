import { StringDecoder } from "node:string_decoder";
import { dropNote, OUTPUT_CHARS } from "../messages/kept-output.ts";

/**
 * The first `OUTPUT_CHARS` characters that a task wrote to a stream, and the number of characters dropped after them.
 */
export class OutputCapture {
  #text = "";
  #dropped = 0;
  #decoder: StringDecoder | undefined;

  /**
   * Adds output.
   *
   * @returns the part of the output that is kept
   */
  add(chunk: string | Uint8Array, encoding?: BufferEncoding): string {
    const text = typeof chunk === "string" ? decoded(chunk, encoding) : this.#decode(chunk);
    const room = OUTPUT_CHARS - this.#text.length;
    const kept = text.length <= room ? text : text.slice(0, room);
    this.#text += kept;
    this.#dropped += text.length - kept.length;
    return kept;
  }

  /** Number of characters that were not kept. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The kept output; undefined if nothing was written. */
  text(): string | undefined {
    const rest = this.#decoder?.end();
    if (rest) this.add(rest);
    const text = this.#text + dropNote(this.#dropped);
    return text === "" ? undefined : text;
  }

  /** Decodes bytes. The decoder is kept, because a character may be split between two chunks. */
  #decode(chunk: Uint8Array): string {
    this.#decoder ??= new StringDecoder("utf8");
    return this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  }
}

/** For streams, a string in one of these encodings represents bytes. */
function decoded(text: string, encoding: BufferEncoding | undefined): string {
  if (encoding === "hex" || encoding === "base64" || encoding === "base64url" || encoding === "latin1")
    return Buffer.from(text, encoding).toString("utf8");
  return text;
}

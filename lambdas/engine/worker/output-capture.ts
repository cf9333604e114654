import { StringDecoder } from "node:string_decoder";
import { dropNote, OUTPUT_CHARS } from "../messages/kept-output.ts";

/** The first `OUTPUT_CHARS` characters that a task wrote to a stream, and how many more there were. */
export class OutputCapture {
  #text = "";
  #dropped = 0;
  #decoder: StringDecoder | undefined;

  /**
   * Adds output.
   *
   * @returns the part of it that is kept
   */
  add(chunk: string | Uint8Array, encoding?: BufferEncoding): string {
    const text = typeof chunk === "string" ? decoded(chunk, encoding) : this.#decode(chunk);
    const room = OUTPUT_CHARS - this.#text.length;
    const kept = text.length <= room ? text : text.slice(0, room);
    this.#text += kept;
    this.#dropped += text.length - kept.length;
    return kept;
  }

  /** How many characters were not kept. */
  get dropped(): number {
    return this.#dropped;
  }

  /** All that is kept; undefined if nothing was written. */
  text(): string | undefined {
    const rest = this.#decoder?.end();
    if (rest) this.add(rest);
    const text = this.#text + dropNote(this.#dropped);
    return text === "" ? undefined : text;
  }

  /** A character may be split between two chunks. */
  #decode(chunk: Uint8Array): string {
    this.#decoder ??= new StringDecoder("utf8");
    return this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  }
}

/** For streams, a string in hex or base64 stands for bytes. */
function decoded(text: string, encoding: BufferEncoding | undefined): string {
  if (encoding === "hex" || encoding === "base64" || encoding === "base64url" || encoding === "latin1")
    return Buffer.from(text, encoding).toString("utf8");
  return text;
}

import { StringDecoder } from "node:string_decoder";
import { dropNote, OUTPUT_CHARS } from "../messages/kept-output.ts";

/** What a task wrote to one stream, up to `OUTPUT_CHARS`, and how much more it was. */
export class OutputCapture {
  #text = "";
  #dropped = 0;
  #decoder: StringDecoder | undefined;

  /** @returns what of it was kept */
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

  /** Undefined when nothing was written. */
  text(): string | undefined {
    const rest = this.#decoder?.end();
    if (rest) this.add(rest);
    const text = this.#text + dropNote(this.#dropped);
    return text === "" ? undefined : text;
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

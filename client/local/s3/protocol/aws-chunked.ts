import type { Buffer } from "node:buffer";
import { S3Error } from "./s3-error.ts";

/** Length of the longest accepted line between chunks: a size with a signature, or a trailer. */
const LINE_BYTES = 4_096;
const MAX_TRAILERS = 20;
const CRLF = "\r\n";

/**
 * Decodes `aws-chunked`, the encoding in which AWS's SDKs send bodies: chunks, then trailers. Signatures of chunks are
 * ignored.
 */
export class AwsChunkedDecoder {
  /** Trailers by name in lower case, complete once the decoder has ended. */
  readonly trailers = new Map<string, string>();
  #state: "size" | "data" | "data end" | "trailer" | "over" = "size";
  /** Number of bytes of the current chunk that have not been received. */
  #left = 0;
  /** The beginning of an incomplete line. */
  #line = "";

  /** Returns the data in the next piece of the body. */
  decode(piece: Buffer): Buffer[] {
    const data: Buffer[] = [];
    let at = 0;
    while (at < piece.length) {
      if (this.#state === "data") {
        const taken = piece.subarray(at, at + this.#left);
        data.push(taken);
        at += taken.length;
        this.#left -= taken.length;
        if (this.#left === 0) this.#state = "data end";
      } else at = this.#readLine(piece, at);
    }
    return data;
  }

  /**
   * Checks that the body is complete.
   *
   * @throws S3Error IncompleteBody if the last chunk is missing
   */
  end(): void {
    // Some clients omit the empty line after the last chunk.
    if (this.#state !== "over" && !(this.#state === "trailer" && this.#line === "")) throw incompleteBody();
  }

  /** Reads a line, or the part of it that has arrived. Returns the index at which to continue in the piece. */
  #readLine(piece: Buffer, at: number): number {
    if (this.#state === "over") throw malformed();
    const newline = piece.indexOf("\n", at);
    this.#line += piece.toString("latin1", at, newline < 0 ? piece.length : newline + 1);
    if (this.#line.length > LINE_BYTES) throw malformed();
    if (newline < 0) return piece.length;
    if (!this.#line.endsWith(CRLF)) throw malformed();
    const line = this.#line.slice(0, -CRLF.length);
    this.#line = "";
    this.#take(line);
    return newline + 1;
  }

  #take(line: string): void {
    if (this.#state === "size") {
      const [, size] = /^([0-9a-f]{1,12})(?:;[^;]*)*$/i.exec(line) ?? [];
      if (size === undefined) throw malformed();
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? "trailer" : "data";
    } else if (this.#state === "data end") {
      if (line !== "") throw malformed();
      this.#state = "size";
    } else if (line === "") this.#state = "over";
    else {
      const colon = line.indexOf(":");
      const name = line.slice(0, Math.max(colon, 0)).trimEnd();
      const value = line.slice(colon + 1).trim();
      if (!/^[\w-]+$/.test(name) || value.includes("\r") || this.trailers.size === MAX_TRAILERS) throw malformed();
      this.trailers.set(name.toLowerCase(), value);
    }
  }
}

export function incompleteBody(): S3Error {
  return new S3Error(
    "IncompleteBody",
    "You did not provide the number of bytes specified by the Content-Length HTTP header",
  );
}

function malformed(): S3Error {
  return new S3Error("InvalidRequest", "The body is not valid aws-chunked content.");
}

import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Reads a whole request and then serves it. An oversized body is read to its end, so that the caller gets an answer,
 * but only its beginning is kept. A request that breaks off is never served.
 *
 * @param serve is called with the body, or the beginning of an oversized one, and the number of bytes received
 */
export function receiveBody(
  request: IncomingMessage,
  response: ServerResponse,
  mostBytes: number,
  serve: (body: Buffer, bytes: number) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("error", () => {});
  response.on("error", () => {});
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= mostBytes) chunks.push(chunk);
  });
  request.on("end", () => serve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks), bytes));
}

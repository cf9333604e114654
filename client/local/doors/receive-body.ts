import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Takes in a request whole, and then has it served. What is too large is read to its end as well, so that the caller gets the answer,
 * but not kept. A caller that dies in the middle of a request has asked for nothing.
 *
 * @param serve given what was sent, or of what was too large the beginning, and how many bytes it was
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

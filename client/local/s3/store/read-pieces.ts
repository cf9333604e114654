import { Buffer } from "node:buffer";
import { read } from "node:fs";
import { promisify } from "node:util";
import { ClusterError } from "../../../../lambdas/protocol/errors.ts";
import type { OpenObject } from "./object-file.ts";

/** Number of bytes of an object kept in memory per reader. */
const PIECE_BYTES = 256 * 1024;
const readAt = promisify(read);

/** Reads `length` bytes of an object from `start` on, piece by piece. */
export async function* readPieces({ fd, facts }: OpenObject, start: number, length: number): AsyncGenerator<Buffer> {
  for (let done = 0; done < length; ) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, length - done));
    const { bytesRead } = await readAt(fd, piece, 0, piece.length, start + done);
    if (bytesRead === 0) throw new ClusterError(truncated(facts.key));
    yield piece.subarray(0, bytesRead);
    done += bytesRead;
  }
}

/** Returns the message for an object whose file became shorter while it was read. */
export function truncated(key: string): string {
  return `the file of object ${key} was truncated while it was read: let no other program change the data folder, and submit again`;
}

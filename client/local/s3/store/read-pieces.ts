import { Buffer } from "node:buffer";
import { read } from "node:fs";
import { promisify } from "node:util";
import { ClusterError } from "../../../../lambdas/protocol/errors.ts";

/** Number of bytes of an object kept in memory per reader. */
const PIECE_BYTES = 256 * 1024;
const readAt = promisify(read);

/** Reads `length` bytes of a file from `start` on, piece by piece. */
export async function* readPieces(fd: number, start: number, length: number): AsyncGenerator<Buffer> {
  for (let done = 0; done < length; ) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, length - done));
    const { bytesRead } = await readAt(fd, piece, 0, piece.length, start + done);
    if (bytesRead === 0) throw new ClusterError("an object's file was truncated while it was being read");
    yield piece.subarray(0, bytesRead);
    done += bytesRead;
  }
}

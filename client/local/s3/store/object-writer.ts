import { closeSync, openSync, rmSync, writevSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { fileEnd, type ObjectFacts } from "./object-file.ts";

/**
 * Number of bytes to buffer before writing. Objects up to this size are written synchronously, which costs less CPU; a
 * slow disk blocks the cloud for at most this much data at a time.
 */
const HELD_BYTES = 256 * 1024;
/** Mode of objects' files: no other user of this machine may read them. */
const MODE = 0o600;

/** Writes one object, in bounded memory. The object cannot be read before `commit`. */
export class ObjectWriter {
  readonly #passing: string;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #file: FileHandle | undefined;
  #size = 0;

  /** @param passing name for the file while it is written */
  constructor(passing: string) {
    this.#passing = passing;
  }

  /** Number of bytes of content so far. */
  get size(): number {
    return this.#size;
  }

  /** Adds the next piece of the content. Returns a promise only if the caller must wait before the next piece. */
  write(piece: Uint8Array): Promise<void> | undefined {
    this.#size += piece.length;
    this.#held.push(piece);
    this.#heldBytes += piece.length;
    return this.#heldBytes > HELD_BYTES ? this.#flush() : undefined;
  }

  /**
   * Completes the file and publishes the object. Removes the file if that fails.
   *
   * @param place gives the file its final name, or throws
   */
  async commit(facts: ObjectFacts, place: (passing: string) => void): Promise<void> {
    try {
      this.#held.push(fileEnd(facts));
      if (this.#file) {
        await this.#flush();
        await this.#file.close();
        this.#file = undefined;
      } else this.#writeAtOnce();
      place(this.#passing);
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** Removes the unfinished file. */
  async discard(): Promise<void> {
    this.#held = [];
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => {});
    rmSync(this.#passing, { force: true });
  }

  #writeAtOnce(): void {
    const fd = openSync(this.#passing, "wx", MODE);
    try {
      writeAll(fd, this.#held);
    } finally {
      closeSync(fd);
    }
  }

  async #flush(): Promise<void> {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    this.#file ??= await open(this.#passing, "wx", MODE);
    let left = held;
    while (left.length > 0) left = restOf(left, (await this.#file.writev(left)).bytesWritten);
  }
}

/** Writes all pieces, even if the system accepts only some bytes at a time. */
function writeAll(fd: number, pieces: readonly Uint8Array[]): void {
  let left = pieces.filter(({ length }) => length > 0);
  while (left.length > 0) left = restOf(left, writevSync(fd, left));
}

/** Returns the pieces without the first `written` bytes. */
function restOf(pieces: readonly Uint8Array[], written: number): Uint8Array[] {
  let taken = written;
  return pieces.flatMap((piece) => {
    const rest = piece.subarray(Math.min(taken, piece.length));
    taken -= piece.length - rest.length;
    return rest.length > 0 ? [rest] : [];
  });
}

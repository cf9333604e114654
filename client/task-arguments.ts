import { encodeValue } from "../lambdas/protocol/codec.ts";
import { CodecError } from "../lambdas/protocol/errors.ts";
import { type EncodedValue, INLINE_BYTES } from "../lambdas/protocol/function-reference.ts";
import type { TaskArguments } from "../lambdas/protocol/spec-page.ts";
import type { BlobDrafts } from "./blob-drafts.ts";

/** Most characters that the arguments of one task keep inside its page: what is past it goes by blob, however short. */
const INLINE_TASK_CHARS = 12 * INLINE_BYTES;

/**
 * Encodes the arguments of the tasks of one call.
 *
 * An object that turned out to be large is encoded once however many tasks share it: nothing can change it
 * while the call that submits runs.
 */
export class ArgumentsEncoder {
  readonly #drafts: BlobDrafts;
  readonly #large = new Map<object, EncodedValue>();

  constructor(drafts: BlobDrafts) {
    this.#drafts = drafts;
  }

  /**
   * @param inCall turns a path within the arguments, as `[0].a`, into the caller's accessor, for messages
   * @throws CodecError with that accessor as its path
   */
  encode(args: readonly unknown[], inCall: (path: string) => string): TaskArguments {
    try {
      if (this.#large.size === 0 || !args.some((arg) => this.#known(arg))) {
        const whole = encodeValue(args, "");
        if (typeof whole === "string") return whole;
      }
      let room = INLINE_TASK_CHARS;
      return args.map((arg, position) => {
        const encoded = this.#known(arg) ?? this.#one(arg, position, room);
        if (typeof encoded === "string") room -= encoded.length;
        return encoded;
      });
    } catch (error) {
      throw error instanceof CodecError ? withPath(error, inCall(error.path)) : error;
    }
  }

  #known(arg: unknown): EncodedValue | undefined {
    return typeof arg === "object" && arg !== null ? this.#large.get(arg) : undefined;
  }

  #one(arg: unknown, position: number, room: number): EncodedValue {
    const value = encodeValue(arg, `[${position}]`);
    const tooMuch = typeof value === "string" && value.length > room;
    const encoded = this.#drafts.encoded(tooMuch ? Buffer.from(value) : value);
    if (typeof encoded !== "string" && typeof arg === "object" && arg !== null) this.#large.set(arg, encoded);
    return encoded;
  }
}

function withPath(error: CodecError, path: string): CodecError {
  return new CodecError(path, error.message.slice(`${error.path}: `.length), { cause: error.cause });
}

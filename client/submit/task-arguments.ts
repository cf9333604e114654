import { encodeItems, encodeValue } from "../../lambdas/protocol/codec.ts";
import { CodecError } from "../../lambdas/protocol/errors.ts";
import { type EncodedValue, INLINE_BYTES } from "../../lambdas/protocol/function-reference.ts";
import type { ResultReference, TaskArguments } from "../../lambdas/protocol/spec-page.ts";
import { AsyncResult, referenceToResult } from "../results/async-result.ts";
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
  /** Names that the arguments encoded so far refer to. */
  readonly names: Set<string> = new Set();
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
      const isWhole = this.#large.size === 0 || !args.some((arg) => this.#known(arg));
      if (isWhole && !args.some(isResult)) {
        const whole = encodeItems(args, "", { names: this.names });
        if (typeof whole === "string") return whole;
      }
      let room = INLINE_TASK_CHARS;
      return args.map((arg, position) => {
        if (isResult(arg)) return referenceToResult(arg);
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
    const value = encodeValue(arg, `[${position}]`, { names: this.names });
    const tooMuch = typeof value === "string" && value.length > room;
    const encoded = this.#drafts.encoded(tooMuch ? Buffer.from(value) : value);
    if (typeof encoded !== "string" && typeof arg === "object" && arg !== null) this.#large.set(arg, encoded);
    return encoded;
  }
}

/** Claims that an argument is a result: the engine is given its value. */
export function isResult(arg: unknown): arg is AsyncResult<unknown, unknown> {
  return arg instanceof AsyncResult;
}

/** The results among encoded arguments. */
export function resultsIn(args: TaskArguments): ResultReference[] {
  if (typeof args === "string") return [];
  return args.filter((arg): arg is ResultReference => typeof arg === "object" && "result" in arg);
}

function withPath(error: CodecError, path: string): CodecError {
  return new CodecError(path, error.message.slice(`${error.path}: `.length), { cause: error.cause });
}

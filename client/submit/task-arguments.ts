import { encodeItems, encodeValue } from "../../lambdas/protocol/codec.ts";
import { CodecError } from "../../lambdas/protocol/errors.ts";
import { type EncodedValue, INLINE_BYTES } from "../../lambdas/protocol/function-reference.ts";
import {
  type HoldingArgument,
  type ResultReference,
  resultsIn,
  type TaskArguments,
} from "../../lambdas/protocol/spec-page.ts";
import { AnyResult, KNOWN, ResultItem } from "../flags/any-result.ts";
import type { BlobDrafts } from "./blob-drafts.ts";

/** Most characters that the arguments of one task keep inside its page: what is past it goes by blob, however short. */
const INLINE_TASK_CHARS = 12 * INLINE_BYTES;

/**
 * Encodes the arguments of the tasks of one call. A result among them, at any depth, means its value.
 *
 * An object that turned out to be large is encoded once however many tasks share it: nothing can change it
 * while the call that submits runs.
 */
export class ArgumentsEncoder {
  readonly #cluster: string | undefined;
  readonly #drafts: BlobDrafts;
  /** Names that the arguments encoded so far refer to. */
  readonly names: Set<string> = new Set();
  readonly #large = new Map<object, EncodedValue | HoldingArgument>();

  constructor(cluster: string | undefined, drafts: BlobDrafts) {
    this.#cluster = cluster;
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
        const held = new HeldResults(this.#cluster);
        const whole = encodeItems(args, "", { names: this.names, resultAt: held.at });
        if (typeof whole === "string" && held.references.length === 0) return whole;
      }
      let room = INLINE_TASK_CHARS;
      return args.map((arg, position) => {
        if (isResult(arg)) return referenceTo(arg, this.#cluster, `[${position}]`);
        const encoded = this.#known(arg) ?? this.#one(arg, position, room);
        const text = typeof encoded === "object" && "value" in encoded ? encoded.value : encoded;
        if (typeof text === "string") room -= text.length;
        return encoded;
      });
    } catch (error) {
      throw error instanceof CodecError ? withPath(error, inCall(error.path)) : error;
    }
  }

  #known(arg: unknown): EncodedValue | HoldingArgument | undefined {
    return typeof arg === "object" && arg !== null ? this.#large.get(arg) : undefined;
  }

  #one(arg: unknown, position: number, room: number): EncodedValue | HoldingArgument {
    const held = new HeldResults(this.#cluster);
    const value = encodeValue(arg, `[${position}]`, { names: this.names, resultAt: held.at });
    const tooMuch = typeof value === "string" && value.length > room;
    const encoded = this.#drafts.encoded(tooMuch ? Buffer.from(value) : value);
    const { references } = held;
    const argument = references.length === 0 ? encoded : { value: encoded, results: references };
    if (typeof encoded !== "string" && typeof arg === "object" && arg !== null) this.#large.set(arg, argument);
    return argument;
  }
}

/** The results that one argument holds, each once, in the order in which they are met. */
class HeldResults {
  readonly references: ResultReference[] = [];
  readonly #cluster: string | undefined;
  readonly #places = new Map<object, number>();

  constructor(cluster: string | undefined) {
    this.#cluster = cluster;
  }

  /** The number that stands for a result; undefined for anything else. */
  readonly at = (value: object): number | undefined => {
    if (!isResult(value)) return undefined;
    const known = this.#places.get(value);
    if (known !== undefined) return known;
    const place = this.references.push(referenceTo(value, this.#cluster, "")) - 1;
    this.#places.set(value, place);
    return place;
  };
}

type Result = AnyResult | ResultItem;

/** Whether an argument is a result, or an item of one: the engine is given its value. */
export function isResult(arg: unknown): arg is Result {
  return arg instanceof AnyResult || arg instanceof ResultItem;
}

/** Whether a task that is called with the arguments has to wait for others. */
export function takesResults(args: TaskArguments): boolean {
  return resultsIn(args).length > 0;
}

function referenceTo(result: Result, cluster: string | undefined, path: string): ResultReference {
  const known = result instanceof ResultItem ? result : result[KNOWN];
  const { cluster: its } = known;
  if (its !== undefined && cluster !== undefined && its !== cluster)
    throw new CodecError(path, "is a result of another cluster, whose tasks this one cannot wait for: await it first");
  return known.reference;
}

function withPath(error: CodecError, path: string): CodecError {
  return new CodecError(path, error.message.slice(`${error.path}: `.length), { cause: error.cause });
}

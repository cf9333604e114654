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
import { type BlobDrafts, LONG_LIST_CHARS } from "./blob-drafts.ts";

/**
 * Maximum length of one task's arguments inside its page, in characters. An argument that would exceed it is stored
 * outside the page, however short it is.
 */
const INLINE_TASK_CHARS = 12 * INLINE_BYTES;

/**
 * Encodes the arguments of one call's tasks. Results among them, at any depth, become references to their values.
 *
 * A large object is encoded once, however many tasks share it, because nothing can change it during the submitting
 * call.
 */
export class ArgumentsEncoder {
  readonly #cluster: string | undefined;
  readonly #drafts: BlobDrafts;
  /** Names of pushed values that the arguments encoded so far refer to. */
  readonly names: Set<string> = new Set();
  readonly #large = new Map<object, EncodedValue | HoldingArgument>();

  constructor(cluster: string | undefined, drafts: BlobDrafts) {
    this.#cluster = cluster;
    this.#drafts = drafts;
  }

  /**
   * Encodes the arguments of one task.
   *
   * @param inCall turns a path within the arguments, such as `[0].a`, into the caller's terms, for messages
   * @throws CodecError with the caller's path
   */
  encode(args: readonly unknown[], inCall: (path: string) => string): TaskArguments {
    try {
      const isWhole = this.#large.size === 0 || !args.some((arg) => this.#known(arg));
      if (isWhole && !args.some(isResult)) {
        const held = new HeldResults(this.#cluster);
        const whole = encodeItems(args, "", { names: this.names, resultAt: held.at });
        if (typeof whole === "string" && held.references.length === 0)
          return whole.length < LONG_LIST_CHARS ? whole : this.#drafts.list(whole);
      }
      let room = INLINE_TASK_CHARS;
      return args.map((arg, position) => {
        if (isResult(arg)) return referenceTo(arg, this.#cluster, `[${position}]`);
        const encoded = this.#repeated(arg) ?? this.#one(arg, position, room);
        const text = typeof encoded === "object" && "value" in encoded ? encoded.value : encoded;
        if (typeof text === "string") room -= text.length;
        return encoded;
      });
    } catch (error) {
      throw error instanceof CodecError ? withPath(error, inCall(error.path)) : error;
    }
  }

  /**
   * Returns the encoding of a large argument that was encoded before; undefined for any other argument. Because the
   * argument occurs again, it is stored as a blob of its own, not in a pack.
   */
  #repeated(arg: unknown): EncodedValue | HoldingArgument | undefined {
    const known = this.#known(arg);
    const value = typeof known === "object" && "value" in known ? known.value : known;
    if (typeof value === "object" && "blob" in value) this.#drafts.repeated(value.blob);
    return known;
  }

  #known(arg: unknown): EncodedValue | HoldingArgument | undefined {
    return typeof arg === "object" && arg !== null ? this.#large.get(arg) : undefined;
  }

  #one(arg: unknown, position: number, room: number): EncodedValue | HoldingArgument {
    const held = new HeldResults(this.#cluster);
    const value = encodeValue(arg, `[${position}]`, { names: this.names, resultAt: held.at });
    const tooMuch = typeof value === "string" && value.length > room;
    const encoded = this.#drafts.argument(tooMuch ? Buffer.from(value) : value);
    const { references } = held;
    const argument = references.length === 0 ? encoded : { value: encoded, results: references };
    if (typeof encoded !== "string" && typeof arg === "object" && arg !== null) this.#large.set(arg, argument);
    return argument;
  }
}

/** The results inside one argument, each once, in the order of encounter. */
class HeldResults {
  readonly references: ResultReference[] = [];
  readonly #cluster: string | undefined;
  readonly #places = new Map<object, number>();

  constructor(cluster: string | undefined) {
    this.#cluster = cluster;
  }

  /** The index of a result; undefined for any other value. */
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

/** Whether an argument is a result or an item of one. The engine replaces it by its value. */
export function isResult(arg: unknown): arg is Result {
  return arg instanceof AnyResult || arg instanceof ResultItem;
}

/** Whether a task with these arguments must wait for others. */
export function takesResults(args: TaskArguments): boolean {
  return resultsIn(args).length > 0;
}

function referenceTo(result: Result, cluster: string | undefined, path: string): ResultReference {
  const known = result instanceof ResultItem ? result : result[KNOWN];
  const { cluster: its } = known;
  if (its !== undefined && cluster !== undefined && its !== cluster)
    throw new CodecError(path, "is a result from another cluster, which this cluster cannot wait for: await it first");
  return known.reference;
}

function withPath(error: CodecError, path: string): CodecError {
  return new CodecError(path, error.message.slice(`${error.path}: `.length), { cause: error.cause });
}

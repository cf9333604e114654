import { decodeValue, type NameLookup } from "../../protocol/codec.ts";
import { NameError } from "../../protocol/errors.ts";
import type { GrantedNames } from "../../protocol/grant.ts";
import type { WorkerFunction } from "../messages/worker-messages.ts";
import { BlobLost, type WorkerBlobs } from "./worker-blobs.ts";
import type { WorkerFunctions } from "./worker-functions.ts";

/**
 * Returns a new copy of a value at each call, so that no task sees another's changes; a function is always the same.
 */
type Maker = () => unknown;

/** The values that tasks of a lease refer to by name. Fetched and loaded once, when the first of the tasks starts. */
export class LeaseNames {
  readonly #names: GrantedNames;
  readonly #functions: readonly WorkerFunction[];
  readonly #engine: number;
  #lookup: Promise<NameLookup> | undefined;

  constructor(names: GrantedNames, functions: readonly WorkerFunction[], engine: number) {
    this.#names = names;
    this.#functions = functions;
    this.#engine = engine;
  }

  /**
   * Returns a function that looks up values by name. It throws NameError if a name is not defined.
   *
   * @throws BlobLost if a value or a function's code cannot be fetched, otherwise whatever loading a function throws
   */
  lookup(functions: WorkerFunctions, blobs: WorkerBlobs): Promise<NameLookup> {
    this.#lookup ??= this.#load(functions, blobs).catch((error: unknown) => {
      this.#lookup = undefined;
      throw error;
    });
    return this.#lookup;
  }

  async #load(functions: WorkerFunctions, blobs: WorkerBlobs): Promise<NameLookup> {
    const makers = new Map<string, Maker>();
    for (const [name, value] of this.#names) makers.set(name, await this.#maker(value, functions, blobs));
    return (name) => {
      const make = makers.get(name);
      if (make === undefined) throw new NameError(name, this.#engine);
      return make();
    };
  }

  async #maker(value: GrantedNames[number][1], functions: WorkerFunctions, blobs: WorkerBlobs): Promise<Maker> {
    if (typeof value === "string") return () => decodeValue(value);
    if ("fn" in value) {
      const fn = this.#functions[value.fn];
      if (fn === undefined || fn.missing !== undefined)
        throw new BlobLost(fn?.missing ?? "a pushed function was not sent with the task");
      const loaded = await functions.get(fn);
      return () => loaded;
    }
    const bytes = await blobs.get(value);
    return () => decodeValue(bytes);
  }
}

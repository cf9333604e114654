import type { EncodedValue } from "../protocol/function-reference.ts";
import { decodeEncoded } from "./blob-values.ts";
import { engineExports } from "./engine-exports.ts";
import { loadModules } from "./engine-modules.ts";
import { loadFunction } from "./load-function.ts";
import type { WorkerBlobs } from "./worker-blobs.ts";
import type { WorkerFunction } from "./worker-messages.ts";

export type TaskFunction = (...args: unknown[]) => unknown;

/** Most loaded functions kept: closures of one source count one each. */
const KEPT_FUNCTIONS = 256;

/** The worker's code: sources as the main thread gave them, and functions made of them. */
export class WorkerFunctions {
  readonly #blobs: WorkerBlobs;
  readonly #sources = new Map<string, string>();
  readonly #loaded = new Map<string, TaskFunction>();

  constructor(blobs: WorkerBlobs) {
    this.#blobs = blobs;
  }

  add(units: readonly [hash: string, source: string][]): void {
    for (const [hash, source] of units) this.#sources.set(hash, source);
  }

  /**
   * The function, loaded once per unit and captured values; a promise when it must be loaded.
   *
   * @throws ModuleMissing for a module that it requires and that does not load here, else whatever the unit
   *   throws when it is evaluated, each time
   */
  get(reference: WorkerFunction): TaskFunction | Promise<TaskFunction> {
    const key = `${reference.code} ${keyOf(reference.data)}`;
    const known = this.#loaded.get(key);
    if (known) return known;
    return this.#load(reference, key);
  }

  async #load({ code, data, modules }: WorkerFunction, key: string): Promise<TaskFunction> {
    const source = this.#sources.get(code);
    if (source === undefined) throw new Error(`the worker was not given unit ${code}`);
    // Before anything of the user's: an engine that lacks one has nothing to do with the task.
    const required = await loadModules(modules ?? []);
    const fetchBlob = this.#blobs.get.bind(this.#blobs);
    const captured = data === undefined ? undefined : await decodeEncoded(data, fetchBlob);
    const loaded = loadFunction(source, code, captured, engineExports, required);
    this.#loaded.set(key, loaded);
    for (const oldest of this.#loaded.keys()) {
      if (this.#loaded.size <= KEPT_FUNCTIONS) break;
      this.#loaded.delete(oldest);
    }
    return loaded;
  }
}

function keyOf(data: EncodedValue | undefined): string {
  if (data === undefined) return "";
  return typeof data === "string" ? data : data.blob;
}

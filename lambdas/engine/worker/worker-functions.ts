import type { Check } from "../../authoring/annotations.ts";
import { type Callable, isCallable } from "../../authoring/callable.ts";
import { guardsOf } from "../../authoring/guard.ts";
import type { ClassLookup } from "../../protocol/class-registry.ts";
import { decodeValue } from "../../protocol/codec.ts";
import { CodeShippingOff } from "../../protocol/errors.ts";
import {
  type ClassesReference,
  type CodeReference,
  type DeployedReference,
  type EncodedValue,
  isDeployed,
} from "../../protocol/function-reference.ts";
import { invariant } from "../../protocol/invariant.ts";
import { storedKey } from "../../protocol/stored-value.ts";
import type { WorkerFunction } from "../messages/worker-messages.ts";
import type { DeployedFunctions } from "./deployed-functions.ts";
import { engineExports } from "./engine-exports.ts";
import { loadModules } from "./engine-modules.ts";
import { type ClassSet, loadClasses, loadFunction, type Surroundings } from "./load-function.ts";
import { guardedBy } from "./task-checks.ts";
import type { WorkerBlobs } from "./worker-blobs.ts";

/** Maximum number of loaded functions to keep. Closures of one source count separately. */
const KEPT_FUNCTIONS = 256;

/** The worker's code: sources from the main thread, functions made from them, and deployed functions. */
export class WorkerFunctions {
  readonly #blobs: WorkerBlobs;
  readonly #deployed: DeployedFunctions;
  readonly #codeShipping: boolean;
  readonly #sources = new Map<string, string>();
  readonly #loaded = new Map<string, Callable>();
  readonly #classes = new Map<string, Promise<ClassSet>>();
  readonly #classesOf = new WeakMap<Callable, ClassSet>();

  /** @param codeShipping whether code sent by clients may run */
  constructor(blobs: WorkerBlobs, deployed: DeployedFunctions, codeShipping: boolean) {
    this.#blobs = blobs;
    this.#deployed = deployed;
    this.#codeShipping = codeShipping;
  }

  add(units: readonly [hash: string, source: string][]): void {
    for (const [hash, source] of units) this.#sources.set(hash, source);
  }

  /**
   * Returns the function. Functions with the same code and captured values are loaded once; if the function must be
   * loaded first, returns a promise.
   *
   * @throws CodeShippingOff if only deployed functions may run, ModuleMissing for a required module that cannot be
   *   loaded here, otherwise whatever the evaluation of the unit throws; on every call
   */
  get(reference: WorkerFunction): Callable | Promise<Callable> {
    const key = keyOf(reference);
    return this.#loaded.get(key) ?? this.#load(reference, key);
  }

  /** The classes that were sent with a loaded function; undefined for most functions. */
  classesOf(fn: Callable): ClassLookup | undefined {
    const classes = this.#classesOf.get(fn);
    return classes && ((name) => classes.get(name));
  }

  async #load(reference: WorkerFunction, key: string): Promise<Callable> {
    const loaded = await (isDeployed(reference) ? this.#loadDeployed(reference) : this.#loadCode(reference));
    this.#loaded.set(key, loaded);
    for (const oldest of this.#loaded.keys()) {
      if (this.#loaded.size <= KEPT_FUNCTIONS) break;
      this.#loaded.delete(oldest);
    }
    return loaded;
  }

  async #loadCode({ code, name, data, modules, uses, classes }: CodeReference): Promise<Callable> {
    if (!this.#codeShipping)
      throw new CodeShippingOff(
        `function ${name} cannot run: this cluster only runs deployed functions (codeShipping: false)`,
      );
    // Modules are loaded before any user code runs: an engine that lacks one must not run any part of the task.
    const required = await loadModules(modules ?? []);
    const deployed = uses && (await this.#deployed.load());
    const surroundings: Surroundings = { own: engineExports, modules: required, deployed };
    if (classes) surroundings.classes = await this.#classSet(classes, surroundings);
    const known = surroundings.classes;
    const captured = data === undefined ? undefined : await this.#decoded(data, known && ((one) => known.get(one)));
    const loaded = loadFunction(this.#source(code), code, captured, surroundings);
    if (known) this.#classesOf.set(loaded, known);
    return loaded;
  }

  /** Loads a set of classes once for all functions that it was sent with, so that they share the classes. */
  #classSet({ code, data }: ClassesReference, surroundings: Surroundings): Promise<ClassSet> {
    const key = `${code} ${dataKey(data)}`;
    const load = async () =>
      loadClasses(this.#source(code), code, data === undefined ? undefined : await this.#decoded(data), surroundings);
    const known = this.#classes.get(key) ?? load();
    this.#classes.set(key, known);
    known.catch(() => this.#classes.delete(key));
    return known;
  }

  #source(code: string): string {
    const source = this.#sources.get(code);
    invariant(source !== undefined, `the code ${code} of the function is missing in the worker thread`);
    return source;
  }

  async #loadDeployed({ deployed, modules, checks = [] }: DeployedReference): Promise<Callable> {
    await loadModules(modules ?? []);
    const fn = await this.#deployed.get(deployed);
    // The function may have been wrapped by `depend` or `requires` in its own module.
    const { guards = [] } = guardsOf(fn) ?? {};
    for (const guard of guards) await loadModules(guard.modules);
    const own = guards.flatMap(({ predicate }): Check[] =>
      predicate && isCallable(predicate.fn) ? [[predicate.fn, predicate.args]] : [],
    );
    const asked = await Promise.all(
      checks.map(async (check): Promise<Check> => {
        const args = await this.#decoded(check.args);
        return [await this.#deployed.get(check.deployed), Array.isArray(args) ? args : []];
      }),
    );
    return asked.length + own.length > 0 ? guardedBy(fn, [...asked, ...own]) : fn;
  }

  async #decoded(value: EncodedValue, classes?: ClassLookup): Promise<unknown> {
    const encoded = typeof value === "string" ? value : await this.#blobs.get(value);
    return decodeValue(encoded, undefined, classes);
  }
}

function keyOf(reference: WorkerFunction): string {
  if (!isDeployed(reference)) {
    const { code, data, classes } = reference;
    return `${code} ${dataKey(data)}${classes ? ` ${classes.code} ${dataKey(classes.data)}` : ""}`;
  }
  return reference.modules || reference.checks ? JSON.stringify(reference) : reference.deployed;
}

function dataKey(data: EncodedValue | undefined): string {
  if (data === undefined) return "";
  return typeof data === "string" ? data : storedKey(data);
}

import { type Callable, isCallable } from "../../authoring/callable.ts";
import { registerDeployed } from "../../authoring/deployed-names.ts";
import { UnknownFunction } from "../../protocol/errors.ts";
import { codeOf } from "./code-of.ts";
import { task } from "./current-task.ts";
import { ModuleMissing } from "./engine-modules.ts";
import { noteModule } from "./home-frames.ts";

/** The key under which a copy of `fantail-lambda/task` that was bundled with the functions finds the engine's own. */
const ENGINE_TASK = Symbol.for("fantail.task");

/** The deployed functions: one module, evaluated in this thread when the first of them is needed. */
export class DeployedFunctions {
  readonly #url: string;
  #loading: Promise<ReadonlyMap<string, Callable>> | undefined;
  #loaded: ReadonlyMap<string, Callable> | undefined;

  /** @param url URL of the module, which need not exist */
  constructor(url: string) {
    this.#url = url;
  }

  /** All functions by name; undefined until they are loaded. */
  get loaded(): ReadonlyMap<string, Callable> | undefined {
    return this.#loaded;
  }

  /**
   * All functions by name.
   *
   * @throws ModuleMissing if the module imports a package that is not installed on this engine, otherwise whatever its
   *   evaluation throws; on every call
   */
  load(): Promise<ReadonlyMap<string, Callable>> {
    this.#loading ??= this.#import();
    return this.#loading;
  }

  /**
   * Returns the function of this name.
   *
   * @throws UnknownFunction if there is none, and the errors of `load`
   */
  async get(name: string): Promise<Callable> {
    const fn = (await this.load()).get(name);
    if (fn === undefined) throw notDeployed(name);
    return fn;
  }

  async #import(): Promise<ReadonlyMap<string, Callable>> {
    Object.defineProperty(globalThis, ENGINE_TASK, { value: task, configurable: true });
    const module = await this.#evaluated();
    const functions = new Map<string, Callable>();
    for (const [name, value] of Object.entries(module))
      if (isCallable(value)) {
        functions.set(name, value);
        // Registered, so that a task that submits one of them only sends its name.
        registerDeployed(value, name);
      }
    this.#loaded = functions;
    return functions;
  }

  async #evaluated(): Promise<object> {
    noteModule(this.#url);
    try {
      return await import(this.#url);
    } catch (error) {
      if (!(error instanceof Error) || codeOf(error) !== "ERR_MODULE_NOT_FOUND") throw error;
      if ("url" in error && error.url === this.#url) return {};
      const [, name = "of a deployed function"] = /^Cannot find (?:package|module) '([^']+)'/.exec(error.message) ?? [];
      throw new ModuleMissing(name, error);
    }
  }
}

/** The error for a function that this engine lacks. */
export function notDeployed(name: string): UnknownFunction {
  return new UnknownFunction(
    `no function ${JSON.stringify(name)} was deployed to this engine: deploy the cluster again`,
  );
}

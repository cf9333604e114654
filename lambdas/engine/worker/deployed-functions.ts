import { registerDeployed } from "../../authoring/deployed-names.ts";
import { UnknownFunction } from "../../protocol/errors.ts";
import { task } from "./current-task.ts";
import { ModuleMissing } from "./engine-modules.ts";

export type DeployedFunction = (...args: unknown[]) => unknown;

/** Where `fantail-lambda/task` looks for the engine's own, when it was bundled with the functions. */
const ENGINE_TASK = Symbol.for("fantail.task");

/** The functions that were bundled at deploy: one module, evaluated in this thread when the first of them is needed. */
export class DeployedFunctions {
  readonly #url: string;
  #loading: Promise<ReadonlyMap<string, DeployedFunction>> | undefined;
  #loaded: ReadonlyMap<string, DeployedFunction> | undefined;

  /** @param url the module's; there need be none */
  constructor(url: string) {
    this.#url = url;
  }

  /** All of them by name, once they were needed. */
  get loaded(): ReadonlyMap<string, DeployedFunction> | undefined {
    return this.#loaded;
  }

  /**
   * All of them by name.
   *
   * @throws ModuleMissing when it imports a package that is not installed on this engine, else whatever it throws when it is
   *   evaluated, each time
   */
  load(): Promise<ReadonlyMap<string, DeployedFunction>> {
    this.#loading ??= this.#import();
    return this.#loading;
  }

  /** @throws UnknownFunction, and as `load` */
  async get(name: string): Promise<DeployedFunction> {
    const fn = (await this.load()).get(name);
    if (fn === undefined) throw new UnknownFunction(`no function ${JSON.stringify(name)} was deployed to this engine`);
    return fn;
  }

  async #import(): Promise<ReadonlyMap<string, DeployedFunction>> {
    Object.defineProperty(globalThis, ENGINE_TASK, { value: task, configurable: true });
    const module = await this.#evaluated();
    const functions = new Map<string, DeployedFunction>();
    for (const [name, value] of Object.entries(module))
      if (typeof value === "function") {
        functions.set(name, value as DeployedFunction);
        // A task that submits one of them on need not send it.
        registerDeployed(value, name);
      }
    this.#loaded = functions;
    return functions;
  }

  async #evaluated(): Promise<object> {
    try {
      return (await import(this.#url)) as object;
    } catch (error) {
      const { code, message, url } = error as { code?: unknown; message?: unknown; url?: unknown };
      if (code !== "ERR_MODULE_NOT_FOUND") throw error;
      if (url === this.#url) return {};
      const [, name = "of a deployed function"] =
        /^Cannot find (?:package|module) '([^']+)'/.exec(String(message)) ?? [];
      throw new ModuleMissing(name, error);
    }
  }
}

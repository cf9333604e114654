import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { noteModule } from "../../authoring/annotations.ts";
import { codeOf } from "./code-of.ts";

/** A module that the task needs cannot be loaded on this engine, so another engine must run the task. */
export class ModuleMissing extends Error {
  readonly module: string;
  constructor(module: string, cause: unknown) {
    super(`module ${module} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.module = module;
  }
}

const require = createRequire(import.meta.url);
/**
 * Folders with installed packages: this file's, and the one in which Lambda unpacks layers. `NODE_PATH` is always
 * searched.
 */
const PLACES = [fileURLToPath(new URL(".", import.meta.url)), "/opt/nodejs"];

/**
 * Loads modules by name: Node's own, and packages that are installed on the engine.
 *
 * @returns their namespaces, by name
 * @throws ModuleMissing for the first that is not installed or throws when it is evaluated
 */
export async function loadModules(names: readonly string[]): Promise<ReadonlyMap<string, object>> {
  const loaded = new Map<string, object>();
  for (const name of names) {
    try {
      const namespace = await importModule(name);
      loaded.set(name, namespace);
      noteModule(name, namespace);
    } catch (error) {
      throw new ModuleMissing(name, error);
    }
  }
  return loaded;
}

async function importModule(name: string): Promise<object> {
  try {
    return await import(name);
  } catch (error) {
    // `import` only searches this file's folder and those above it.
    if (codeOf(error) !== "ERR_MODULE_NOT_FOUND") throw error;
    const file = resolved(name);
    if (file === undefined) throw error;
    return import(pathToFileURL(file).href);
  }
}

function resolved(name: string): string | undefined {
  try {
    return require.resolve(name, { paths: PLACES });
  } catch {
    return undefined;
  }
}

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

export type Handler = (event: unknown, context: unknown) => unknown;

/** An error that Lambda's runtime client reports under its own name. */
class RuntimeError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = `Runtime.${name}`;
  }
}

/**
 * Loads a function's handler like Lambda's runtime client for Node 24, and fails with the same errors:
 * https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
 *
 * @param root the function's folder
 * @param name file and export, for example `folder/index.handler`
 */
export async function loadHandler(root: string, name: string): Promise<Handler> {
  const last = basename(name);
  const [, file, path] = /^([^.]*)\.(.*)$/.exec(last) ?? [];
  if (file === undefined || path === undefined) throw new RuntimeError("MalformedHandlerName", "Bad handler");
  const module = await loadModule(resolve(root, name.slice(0, name.indexOf(last))), file);
  const handler = exported(module, path) || exported(exported(module, "default"), path);
  if (!handler) throw new RuntimeError("HandlerNotFound", `${name} is undefined or not exported`);
  if (!isHandler(handler)) throw new RuntimeError("HandlerNotFound", `${name} is not a function`);
  if (handler.length >= 3) throw new RuntimeError("CallbackHandlerDeprecated", NO_CALLBACKS);
  return handler;
}

/**
 * Serializes a handler's result.
 *
 * @throws RuntimeError, as Lambda reports it, if JSON.stringify fails; TypeError for a function or a symbol
 */
export function answerText(answer: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(answer === undefined ? null : answer);
  } catch {
    throw new RuntimeError("JSONStringifyError", "Unable to stringify response body");
  }
  // JSON.stringify gives undefined for a function or a symbol, which the native part of Lambda's client rejects.
  if (text === undefined) throw new TypeError("Wrong arguments");
  return text;
}

const NO_CALLBACKS =
  "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify " +
  "this function to use a supported handler signature to use Node.js 24 or later. For more information see " +
  "https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.";

async function loadModule(folder: string, file: string): Promise<unknown> {
  try {
    const found = ["", ".js", ".mjs", ".cjs"].map((ending) => join(folder, file + ending)).find(existsSync);
    if (found !== undefined) return await import(pathToFileURL(found).href);
    return await import(pathToFileURL(createRequire(join(folder, "index.js")).resolve(file)).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError("UserCodeSyntaxError", String(error));
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND")
      throw new RuntimeError("ImportModuleError", String(error));
    throw error;
  }
}

function isHandler(value: unknown): value is Handler {
  return typeof value === "function";
}

/** Returns the value at a dotted path of exports; undefined if there is none. */
function exported(module: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce(
      (value: unknown, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
      module,
    );
}

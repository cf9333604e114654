import { types } from "node:util";
import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import { type FunctionSource, functionSource, UnusableSource } from "../source/function-source.ts";

export const PROXY = "is a Proxy, whose handler cannot be read: capture its target";
export const IMPORT_META =
  "uses import.meta, which differs on an engine: copy the value to a variable outside the function";
const BOUND =
  "is a bound function, which cannot be read because this runtime has no inspector: wrap it, as in (x) => object.method(x)";
const NATIVE = "is native code, whose source cannot be read: wrap it, as in (x) => object.method(x)";
const OUTER_THIS = "uses `this` of the surrounding code: copy the values it needs to variables";
const OUTER_SUPER =
  "uses `super`, so the function cannot be sent without its object: pass another function, which calls this one";
const DYNAMIC_SCOPE = "uses eval or with, so the variables it needs are unknown: rewrite it without them";

/**
 * Returns the source of a function, which works elsewhere once its free names are bound.
 *
 * @throws CaptureError for a function that does not work elsewhere: a native, bound or proxied one, or one that depends
 * on its surroundings by `this`, `super`, a private name, `eval`, `with` or `import.meta`
 */
export function shippableSource(fn: object, path: string): FunctionSource {
  const refuse = (message: string) => new CaptureError(path, message);
  if (types.isProxy(fn)) throw refuse(PROXY);
  const text = Function.prototype.toString.call(fn);
  if (text.endsWith("{ [native code] }")) {
    throw refuse(String(Reflect.get(fn, "name")).startsWith("bound ") ? BOUND : NATIVE);
  }
  const source = readSource(text, path);
  const { free } = source;
  if (free.outerThis) throw refuse(OUTER_THIS);
  if (free.outerSuper) throw refuse(OUTER_SUPER);
  if (free.dynamicScope) throw refuse(DYNAMIC_SCOPE);
  if (free.importMeta) throw refuse(IMPORT_META);
  return source;
}

/** Whether the function's source can be read: not if it is native, bound or a Proxy. */
export function hasSource(fn: object): boolean {
  return !types.isProxy(fn) && !Function.prototype.toString.call(fn).endsWith("{ [native code] }");
}

function readSource(text: string, path: string): FunctionSource {
  try {
    return functionSource(text);
  } catch (error) {
    if (error instanceof UnusableSource) throw new CaptureError(path, error.message);
    throw error;
  }
}

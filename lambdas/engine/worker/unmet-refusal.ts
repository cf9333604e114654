import { isError } from "../../protocol/error-value.ts";
import { UnmetDependency } from "../../protocol/errors.ts";
import type { EncodedError } from "../../protocol/outcome-page.ts";
import { encodeThrown } from "../../protocol/thrown.ts";
import { ModuleMissing } from "./engine-modules.ts";

/**
 * The refusal that a thrown value stands for; undefined for an ordinary failure.
 *
 * Known by its code: a package that was bundled with the function may bring a class of its own.
 */
export function refusalOf(thrown: unknown): EncodedError | undefined {
  const code = UnmetDependency.code as "UnmetDependency";
  if (thrown instanceof ModuleMissing)
    return { code, ename: code, evalue: thrown.message.slice(0, 1_000), module: thrown.module };
  if (!isError(thrown) || codeOf(thrown) !== code) return undefined;
  const { ename, evalue, traceback } = encodeThrown(thrown);
  return { code, ename, evalue, ...(traceback === undefined ? {} : { traceback }) };
}

/** A getter may throw. */
function codeOf(error: Error): unknown {
  try {
    return (error as { code?: unknown }).code;
  } catch {
    return undefined;
  }
}

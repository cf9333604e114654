import { isError } from "../../protocol/error-value.ts";
import type { EncodedError } from "../../protocol/outcome-page.ts";
import { encodeThrown } from "../../protocol/thrown.ts";
import { codeOf } from "./code-of.ts";
import { ModuleMissing } from "./engine-modules.ts";

/** The code of UnmetDependency. */
const CODE = "UnmetDependency";

/**
 * Converts a thrown value to a refusal; undefined for an ordinary failure.
 *
 * Recognizes a refusal by its code, because a package bundled with the function may bring its own copy of the class.
 */
export function refusalOf(thrown: unknown): EncodedError | undefined {
  if (thrown instanceof ModuleMissing)
    return { code: CODE, ename: CODE, evalue: thrown.message.slice(0, 1_000), module: thrown.module };
  if (!isError(thrown) || codeOf(thrown) !== CODE) return undefined;
  const { ename, evalue, traceback } = encodeThrown(thrown);
  return { code: CODE, ename, evalue, ...(traceback === undefined ? {} : { traceback }) };
}

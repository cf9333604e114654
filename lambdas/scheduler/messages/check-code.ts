import { checkFunction, codeRefused } from "../../protocol/code-rules.ts";
import type { CodeUnit, FunctionReference } from "../../protocol/function-reference.ts";
import type { Configured } from "../ports/cluster-config.ts";

/**
 * Checks the code in a message from any sender. The client checks its code, too, but only to report errors earlier.
 *
 * @throws CodeShippingOff for code while shipping is off, UnknownFunction for a function that was not deployed
 */
export function checkCode(
  { config: { code } }: Configured,
  units: readonly CodeUnit[],
  functions: readonly FunctionReference[],
): void {
  for (const reference of functions) checkFunction(reference, code);
  const [unit] = units;
  if (unit && !code.shipping) throw codeRefused(`of code unit ${unit.hash.slice(0, 12)}`, code);
}

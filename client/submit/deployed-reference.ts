import { deployedName } from "../../lambdas/authoring/deployed-names.ts";
import { guardsOf } from "../../lambdas/authoring/guard.ts";
import { type CodeRules, checkName, codeRefused } from "../../lambdas/protocol/code-rules.ts";
import { encodeValue } from "../../lambdas/protocol/codec.ts";
import { CaptureError } from "../../lambdas/protocol/errors.ts";
import type { DeployedReference } from "../../lambdas/protocol/function-reference.ts";
import type { BlobDrafts } from "./blob-drafts.ts";

type AnyFunction = (...args: never[]) => unknown;

/**
 * Builds the reference to a deployed function, with the requirements of `requires` and `depend`. Returns undefined for
 * a function that must be sent: one that is not deployed, or one whose predicate is not deployed if the cluster accepts
 * sent code.
 *
 * @throws UnknownFunction for a name that was not deployed; CodeShippingOff for a predicate that was not; CaptureError
 *   for `requires` of values or functions; CodecError for arguments of a predicate
 */
export function deployedReference(
  fn: AnyFunction,
  rules: CodeRules,
  drafts: BlobDrafts,
): DeployedReference | undefined {
  const { guards = [], fn: inner = fn } = guardsOf(fn) ?? {};
  const name = deployedName(inner);
  if (name === undefined) return undefined;
  checkName(name, rules);
  const predicates = guards.flatMap(({ predicate }) => predicate ?? []);
  const sent = predicates.find((predicate) => deployedName(predicate.fn) === undefined);
  if (sent && rules.shipping) return undefined;
  if (sent) throw codeRefused(sent.fn.name || "of depend", rules);
  if (guards.some(({ functions, values }) => functions.length > 0 || values.size > 0))
    throw new CaptureError(
      name,
      "is a deployed function, so requires(…) cannot bind values or functions to it: deploy it with what it needs",
    );
  const modules = [...new Set(guards.flatMap((guard) => guard.modules))].sort();
  const checks = predicates.map((predicate, at) => {
    const deployed = deployedName(predicate.fn) ?? "";
    checkName(deployed, rules);
    return { deployed, args: drafts.encoded(encodeValue(predicate.args, `${name} → depend[${at}].args`)) };
  });
  return {
    deployed: name,
    ...(modules.length > 0 ? { modules } : {}),
    ...(checks.length > 0 ? { checks } : {}),
  };
}

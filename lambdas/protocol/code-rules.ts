import { CodeShippingOff, UnknownFunction } from "./errors.ts";
import { type FunctionReference, isDeployed } from "./function-reference.ts";
import { guessOf, nearNames } from "./near-names.ts";

/** Which code a cluster runs; fixed until the next deployment. */
export interface CodeRules {
  /** Whether clients may send code. */
  shipping: boolean;
  /** Names of the deployed functions; undefined if unknown. */
  functions: readonly string[] | undefined;
  /** Whether a later deployment may have changed the rules. */
  mayBeOld?: boolean;
}

const MAX_NAMES_LISTED = 20;

/**
 * Checks that a cluster accepts this function.
 *
 * @throws CodeShippingOff for code if the cluster does not accept any, UnknownFunction for a name that was not deployed
 */
export function checkFunction(reference: FunctionReference, rules: CodeRules): void {
  if (!isDeployed(reference) && !rules.shipping) throw codeRefused(reference.name, rules);
  for (const name of namesIn(reference)) checkName(name, rules);
}

/**
 * Checks that a function of this name was deployed.
 *
 * @throws UnknownFunction that lists similar names
 */
export function checkName(name: string, rules: CodeRules): void {
  const { functions } = rules;
  if (functions === undefined || functions.includes(name)) return;
  const near = nearNames(name, functions);
  const more = functions.length > MAX_NAMES_LISTED ? `, and ${functions.length - MAX_NAMES_LISTED} more` : "";
  const known =
    functions.length > 0
      ? `deployed functions: ${functions.slice(0, MAX_NAMES_LISTED).join(", ")}${more}`
      : "there are no deployed functions: name the module that exports them as `functions` when you deploy or start the cluster";
  throw new UnknownFunction(
    `no function ${JSON.stringify(name)} was deployed${guessOf(near)} (${known})${redeployAdvice(rules)}`,
    near,
  );
}

/** The error for a plain function on a cluster that accepts no code, with the remedy. */
export function codeRefused(name: string, rules: CodeRules): CodeShippingOff {
  const { functions = [] } = rules;
  const remedy = functions.includes(name)
    ? `pass deployed("${name}") instead, which was deployed under that name`
    : 'export it from the module that you name as `functions`, deploy again, and pass deployed("its name")';
  return new CodeShippingOff(
    `function ${name} cannot be sent, because this cluster only runs deployed functions (codeShipping: false): ${remedy}${redeployAdvice(rules)}`,
  );
}

function redeployAdvice({ mayBeOld }: CodeRules): string {
  if (!mayBeOld) return "";
  return "; if the cluster was deployed again since the client last read their names, call `await client.waitForEngines(1)` and try again";
}

function namesIn(reference: FunctionReference): readonly string[] {
  if (!isDeployed(reference)) return reference.uses ?? [];
  return [reference.deployed, ...(reference.checks ?? []).map(({ deployed }) => deployed)];
}

import { Token } from "aws-cdk-lib";
import { checkEnvironmentSize } from "../client/local/stack/environment-size.ts";

/**
 * Checks that variables, some of which may be CDK tokens, fit into a function's environment.
 *
 * @throws InvalidFlag about `flag`
 */
export function checkTokens(environment: Readonly<Record<string, string>>, flag: string): void {
  const known = Object.entries(environment).map(([name, value]) => [
    name,
    Token.isUnresolved(value) ? undefined : value,
  ]);
  checkEnvironmentSize(Object.fromEntries(known), flag);
}

import { Token } from "aws-cdk-lib";
import { checkEnvironmentSize } from "../client/local/stack/environment-size.ts";

/**
 * Checks that variables, some of which may be CDK tokens, fit into the environment of a Lambda function.
 *
 * @throws InvalidFlag that names `flag`, if they do not fit
 */
export function checkTokens(environment: Readonly<Record<string, string>>, flag: string, remedy?: string): void {
  const known = Object.entries(environment).map(([name, value]) => [
    name,
    Token.isUnresolved(value) ? undefined : value,
  ]);
  checkEnvironmentSize(Object.fromEntries(known), flag, remedy);
}

import { type Command, InvalidArgumentError, Option } from "commander";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { outputOption } from "./output-option.ts";

/** Options that select a command's stack. */
export interface StackOptions {
  stack: string;
  region?: string;
  awsProfile?: string;
  endpoint?: string;
  output: "text" | "json";
}

/** Adds the options that select a stack. */
export function withStackOptions(command: Command): Command {
  return command
    .addOption(new Option("--stack <name>", "name of the stack").default("Fantail").argParser(stackName))
    .option("--region <name>", "AWS region (default: from the AWS configuration)")
    .option("--aws-profile <name>", "profile in the AWS configuration")
    .option("--endpoint <url>", "URL of an AWS emulator, such as http://127.0.0.1:4566", endpointUrl)
    .addOption(outputOption());
}

/**
 * Returns environment variables that make the CDK, and every SDK inside it, use the region and the endpoint of the
 * options.
 */
export function placeVariables({ region, endpoint }: StackOptions): NodeJS.ProcessEnv {
  return {
    ...(region !== undefined && { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
    ...(endpoint !== undefined && { AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: endpoint }),
  };
}

/**
 * Checks that confirmation is possible, or not needed.
 *
 * @throws CommandFailure without `--yes`, if there is no terminal or the output is for a program
 */
export function requireConsent(yes: boolean, output: "text" | "json"): void {
  if (yes) return;
  if (output === "json" || !process.stdin.isTTY || !process.stdout.isTTY)
    throw new CommandFailure("not a terminal, so no confirmation is possible: pass --yes", EXIT.usage);
}

function stackName(text: string): string {
  if (/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(text)) return text;
  throw new InvalidArgumentError("must be letters, digits and hyphens, beginning with a letter");
}

function endpointUrl(text: string): string {
  if (/^https?:\/\/[^\s/]+\/?$/.test(text)) return text.replace(/\/$/, "");
  throw new InvalidArgumentError("must be a URL without a path, such as http://127.0.0.1:4566");
}

import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { NoCluster } from "../../lambdas/protocol/errors.ts";
import type { CommandClient } from "./command-client.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { outputOption } from "./output-option.ts";
import { profileName } from "./profile-option.ts";

/** Options that select the cluster of a command, as `Client.connect` takes them. */
export interface AddressOptions {
  profile?: string;
  stack?: string;
  tenant?: string;
  region?: string;
  awsProfile?: string;
  endpoint?: string;
}

/** Options of a command that prints something about a cluster. */
export interface ClusterOptions extends AddressOptions {
  output: "text" | "json";
}

/** Adds the options that select a cluster, and the option for the output format. */
export function withClusterOptions(command: Command): Command {
  return withAddressOptions(command).addOption(outputOption());
}

/** Adds the options that select a cluster. Without them, the command searches where `Client.connect()` searches. */
export function withAddressOptions(command: Command): Command {
  return command
    .option("--profile <name>", "a cluster on this machine, by its profile", profileName)
    .option("--stack <name>", "a deployed stack, by its name")
    .option("--tenant <name>", "the tenant, in a stack with tenants")
    .option("--region <name>", "AWS region (default: from the AWS configuration)")
    .option("--aws-profile <name>", "profile in the AWS configuration")
    .option("--endpoint <url>", "URL of an AWS emulator, such as http://127.0.0.1:4566");
}

/** Picks the options that say where to find the cluster. */
export function addressOf({ profile, stack, tenant, region, awsProfile, endpoint }: AddressOptions) {
  return { profile, stack, tenant, region, awsProfile, endpoint };
}

/**
 * Connects a client, passes it to `use`, and closes it.
 *
 * @throws CommandFailure with the exit code for no cluster, if none is found
 */
export async function withClient<T>(options: AddressOptions, use: (client: CommandClient) => Promise<T>): Promise<T> {
  // Load the client on demand: other commands do not need it.
  const { connectClient } = await import("./connect-client.ts");
  const client = await orNoCluster(connectClient(addressOf(options)));
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** Returns the cluster found, or throws CommandFailure with the exit code for no cluster. */
export async function orNoCluster<T>(search: Promise<T>): Promise<T> {
  try {
    return await search;
  } catch (error) {
    if (error instanceof NoCluster) throw new CommandFailure(error.message, EXIT.noCluster);
    throw error;
  }
}

/** Parses a number above 0, for commander. */
export function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("must be a number above 0");
}

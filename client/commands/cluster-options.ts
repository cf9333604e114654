import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { NoCluster } from "../../lambdas/protocol/errors.ts";
import type { Client } from "../client.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { outputOption } from "./output-option.ts";
import { profileName } from "./profile-option.ts";

/** Which cluster a command is about: as `Client.connect` takes it. */
export interface ClusterOptions {
  profile?: string;
  stack?: string;
  tenant?: string;
  region?: string;
  awsProfile?: string;
  endpoint?: string;
  output: "text" | "json";
}

/** Adds the options by which a command finds its cluster. Without any, it is the one that runs here, else the stack `Fantail`. */
export function withClusterOptions(command: Command): Command {
  return command
    .option("--profile <name>", "a cluster on this machine, by its profile", profileName)
    .option("--stack <name>", "a deployed stack, by its name")
    .option("--tenant <name>", "the tenant, in a stack with tenants")
    .option("--region <name>", "AWS region (default: from the AWS configuration)")
    .option("--aws-profile <name>", "profile in the AWS configuration")
    .option("--endpoint <url>", "URL of an AWS emulator, such as http://127.0.0.1:4566")
    .addOption(outputOption());
}

/** Where to look, of a command's options. */
export function addressOf({ profile, stack, tenant, region, awsProfile, endpoint }: ClusterOptions) {
  return { profile, stack, tenant, region, awsProfile, endpoint };
}

/**
 * Connects, lets `use` work with the client, and closes it.
 *
 * @throws CommandFailure with the exit code for no cluster
 */
export async function withClient<T>(options: ClusterOptions, use: (client: Client) => Promise<T>): Promise<T> {
  // Loaded only here: other commands need not wait for it.
  const { Client } = await import("../client.ts");
  const client = await orNoCluster(Client.connect(addressOf(options)));
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** What comes of a search for a cluster, or a failure with the exit code for that. */
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

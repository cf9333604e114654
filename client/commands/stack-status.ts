import { CommandFailure, EXIT } from "../local/exit-codes.ts";
import type { StackOptions } from "./stack-options.ts";

/**
 * Whether a stack is there, and in which region that was asked.
 *
 * @throws CommandFailure when CloudFormation cannot be asked
 */
export async function stackStatus({
  stack,
  region,
  endpoint,
  awsProfile,
}: Pick<StackOptions, "stack" | "region" | "endpoint" | "awsProfile">): Promise<{ exists: boolean; region: string }> {
  const { CloudFormationClient, DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  const client = new CloudFormationClient({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(awsProfile !== undefined && { profile: awsProfile }),
  });
  try {
    const place = await client.config.region();
    try {
      const { Stacks: stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
      return { exists: stacks.some(({ StackStatus: status }) => status !== "DELETE_COMPLETE"), region: place };
    } catch (error) {
      // CloudFormation's way to say it, with the same name for every other mistake in a request.
      if (error instanceof Error && /does not exist/.test(error.message)) return { exists: false, region: place };
      const why = error instanceof Error ? error.message || error.name : String(error);
      throw new CommandFailure(`the stack ${stack} could not be looked up: ${why}`, EXIT.failed);
    }
  } finally {
    client.destroy();
  }
}

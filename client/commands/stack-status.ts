import { isFantailStack } from "../../lambdas/protocol/stack-outputs.ts";
import { CommandFailure, EXIT } from "../local/exit-codes.ts";
import type { StackOptions } from "./stack-options.ts";

/**
 * Whether a stack is there, and in which region that was asked.
 *
 * @throws CommandFailure when CloudFormation cannot be asked, or the stack is one that these commands have not made
 */
export async function stackStatus({
  stack,
  region,
  endpoint,
  awsProfile,
}: Pick<StackOptions, "stack" | "region" | "endpoint" | "awsProfile">): Promise<{ exists: boolean; region: string }> {
  const { CloudFormationClient, DescribeStacksCommand, GetTemplateSummaryCommand } = await import(
    "@aws-sdk/client-cloudformation"
  );
  const client = new CloudFormationClient({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(awsProfile !== undefined && { profile: awsProfile }),
  });
  try {
    const place = await client.config.region();
    const { Stacks: stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack })).catch(none);
    const found = stacks.find(({ StackStatus: status }) => status !== "DELETE_COMPLETE");
    // One whose making was never begun has no template.
    if (found && found.StackStatus !== "REVIEW_IN_PROGRESS") {
      const { Description } = await client.send(new GetTemplateSummaryCommand({ StackName: stack }));
      if (!isFantailStack(Description))
        throw new CommandFailure(
          `the stack ${stack} in ${place} was made by something else: choose another --stack, or use what made it`,
          EXIT.failed,
        );
    }
    return { exists: found !== undefined, region: place };
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const why = error instanceof Error ? error.message || error.name : String(error);
    throw new CommandFailure(`the stack ${stack} could not be looked up: ${why}`, EXIT.failed);
  } finally {
    client.destroy();
  }
}

/** CloudFormation says of a stack that is not there what it says, by the same name, of every other mistake in a request. */
function none(error: unknown): { Stacks?: never[] } {
  if (error instanceof Error && /does not exist/.test(error.message)) return {};
  throw error;
}

import { withAwsRemedy } from "../cluster/aws-remedy.ts";
import { silenceSdkWarning } from "../cluster/sdk-warning.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import type { StackOptions } from "./stack-options.ts";

/**
 * Returns the names of a stack's log groups, sorted.
 *
 * @throws CommandFailure if the stack does not exist or CloudFormation cannot be reached
 */
export async function logGroups({
  stack,
  region,
  endpoint,
  awsProfile,
}: Pick<StackOptions, "stack" | "region" | "endpoint" | "awsProfile">): Promise<string[]> {
  const { CloudFormationClient, DescribeStackResourcesCommand } = await import("@aws-sdk/client-cloudformation");
  silenceSdkWarning();
  const client = new CloudFormationClient({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(awsProfile !== undefined && { profile: awsProfile }),
  });
  try {
    const { StackResources: all = [] } = await client.send(new DescribeStackResourcesCommand({ StackName: stack }));
    const groups = all.filter(({ ResourceType: type }) => type === "AWS::Logs::LogGroup");
    return groups.flatMap(({ PhysicalResourceId: name }) => name ?? []).sort();
  } catch (error) {
    const why = error instanceof Error ? error.message || error.name : String(error);
    const isMissing = /does not exist/.test(why);
    throw new CommandFailure(
      `the log groups of stack ${stack} could not be looked up: ${withAwsRemedy(why)}`,
      isMissing ? EXIT.noCluster : EXIT.failed,
    );
  } finally {
    client.destroy();
  }
}

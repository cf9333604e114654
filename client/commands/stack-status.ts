import { isFantailStack, tenantsOf } from "../../lambdas/protocol/stack-outputs.ts";
import { withAwsRemedy } from "../cluster/aws-remedy.ts";
import type { Tenants } from "./dropped-cells.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import type { StackOptions } from "./stack-options.ts";

/**
 * Looks up a stack: whether it exists, in which region, and the tenants whose cells it contains.
 *
 * @throws CommandFailure if CloudFormation cannot be reached, or the stack was not created by fantail
 */
export async function stackStatus({
  stack,
  region,
  endpoint,
  awsProfile,
}: Pick<StackOptions, "stack" | "region" | "endpoint" | "awsProfile">): Promise<{
  exists: boolean;
  region: string;
  tenants: Tenants;
}> {
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
    // A stack in REVIEW_IN_PROGRESS has no template yet.
    if (found && found.StackStatus !== "REVIEW_IN_PROGRESS") {
      const { Description } = await client.send(new GetTemplateSummaryCommand({ StackName: stack }));
      if (!isFantailStack(Description))
        throw new CommandFailure(
          `stack ${stack} in ${place} was not created by fantail: choose another name with --stack, or use the tool that created it`,
          EXIT.failed,
        );
    }
    const outputs = (found?.Outputs ?? []).map(({ OutputKey: key = "", OutputValue: value }) => [key, value]);
    return { exists: found !== undefined, region: place, tenants: tenantsOf(Object.fromEntries(outputs)) };
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const why = error instanceof Error ? error.message || error.name : String(error);
    throw new CommandFailure(`stack ${stack} could not be looked up: ${withAwsRemedy(why)}`, EXIT.failed);
  } finally {
    client.destroy();
  }
}

/**
 * Returns no stacks for CloudFormation's error that a stack does not exist, and rethrows any other error.
 * CloudFormation gives all invalid requests the same error name, so only the message tells them apart.
 */
function none(error: unknown): { Stacks?: never[] } {
  if (error instanceof Error && /does not exist/.test(error.message)) return {};
  throw error;
}

import type { Connection } from "../connection/connection.ts";
import { stackConnection } from "../connection/stack-connection.ts";
import { silenceSdkWarning } from "./sdk-warning.ts";

/** Maximum time of a search, in milliseconds. If it takes longer, there is probably no network. */
const SEARCH_MS = 15_000;

export interface StackSearch {
  stack: string;
  /** Tenant whose cell to use, if the stack has tenants. */
  tenant?: string | undefined;
  region: string | undefined;
  endpoint?: string | undefined;
  awsProfile: string | undefined;
}

/**
 * Reads the connection of a deployed stack from its outputs.
 *
 * @throws NoCluster if the stack is not a fantail cluster; the SDK's error if CloudFormation cannot be reached, or
 *   knows no such stack
 */
export async function findStack(search: StackSearch, signal?: AbortSignal): Promise<Connection> {
  const { stack, tenant, region, endpoint, awsProfile } = search;
  // Loaded on demand: most clients have a connection file.
  const { CloudFormationClient, DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  silenceSdkWarning();
  const client = new CloudFormationClient({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(awsProfile === undefined ? {} : { profile: awsProfile }),
  });
  const timeout = AbortSignal.timeout(SEARCH_MS);
  const abortSignal = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    const { Stacks: stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }), { abortSignal });
    const outputs = stacks?.[0]?.Outputs?.map(({ OutputKey: key, OutputValue: value }) => [key, value]) ?? [];
    const cluster = stackConnection(Object.fromEntries(outputs), tenant);
    return {
      region: await client.config.region(),
      endpoints: endpoint === undefined ? undefined : { lambda: endpoint, dynamodb: endpoint, s3: endpoint },
      ...cluster,
    };
  } finally {
    client.destroy();
  }
}

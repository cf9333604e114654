import type { CloudFormationClient, StackResourceSummary } from "@aws-sdk/client-cloudformation";
import { invariant } from "../../lambdas/protocol/invariant.ts";
import { stackConnection } from "../connection/stack-connection.ts";

/** The CDK ends a logical id with this many characters of a hash. */
const HASH_LENGTH = 8;

/**
 * Lists the log groups of a stack's functions.
 *
 * @param tenant only the groups of this tenant's cell; default: those of all cells
 * @throws NoCluster if the stack has no such tenant; the SDK's error if CloudFormation cannot be reached
 */
export async function stackLogGroups(client: CloudFormationClient, stack: string, tenant?: string): Promise<string[]> {
  const { paginateListStackResources } = await import("@aws-sdk/client-cloudformation");
  const resources: StackResourceSummary[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName: stack }))
    resources.push(...(page.StackResourceSummaries ?? []));
  const groups = resources.filter(({ ResourceType: type }) => type === "AWS::Logs::LogGroup");
  const wanted = tenant === undefined ? undefined : await tenantsLogs(client, { stack, tenant, resources });
  return groups
    .filter(({ LogicalResourceId: id = "" }) => wanted === undefined || wanted.has(withoutHash(id)))
    .flatMap(({ PhysicalResourceId: name }) => name ?? [])
    .sort();
}

interface Cell {
  stack: string;
  tenant: string;
  resources: readonly StackResourceSummary[];
}

/** Returns `logIds` of a tenant's cell. */
async function tenantsLogs(client: CloudFormationClient, { stack, tenant, resources }: Cell): Promise<Set<string>> {
  const { DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  const { Stacks: stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
  const outputs = stacks?.[0]?.Outputs?.map(({ OutputKey: key, OutputValue: value }) => [key, value]) ?? [];
  const { scheduler, pools } = stackConnection(Object.fromEntries(outputs), tenant);
  const name = scheduler.slice(scheduler.lastIndexOf(":") + 1);
  const id = resources.find(({ PhysicalResourceId: physical }) => physical === name)?.LogicalResourceId;
  invariant(id !== undefined, `stack ${stack} has no function ${name}, which its outputs name`);
  return logIds(
    id,
    pools.map((pool) => pool.name),
  );
}

/**
 * The logical ids, without hashes, of the log groups in the cell of a scheduler function. A logical id is a path of
 * constructs. That of a cell need not contain the tenant's name.
 */
export function logIds(scheduler: string, pools: readonly string[]): Set<string> {
  const path = withoutHash(scheduler).replace(/SchedulerFunction$/, "");
  const parts = ["Scheduler", "Report", ...pools.map((pool) => `Engine${pool.replace(/[^A-Za-z\d]/g, "")}`)];
  // The CDK leaves out the end of a path that the part before it ends with.
  return new Set(parts.map((part) => path + (part.endsWith("Log") ? part : `${part}Log`)));
}

/** Returns a logical id without the hash that the CDK adds. */
export function withoutHash(id: string): string {
  return id.slice(0, -HASH_LENGTH);
}

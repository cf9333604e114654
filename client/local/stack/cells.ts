import { tenantsOf } from "../../../lambdas/protocol/stack-outputs.ts";
import type { Connection } from "../../connection/connection.ts";
import { type StackConnection, stackConnection } from "../../connection/stack-connection.ts";
import type { Statement } from "../requests/access.ts";
import type { Deployment, FunctionSpec } from "./deployment.ts";

/** A cluster of a stack: the only one, or one tenant's. */
export type Cell = StackConnection;

/** Returns the clusters of a deployment, read from its outputs. Some test stacks contain no cluster. */
export function cellsOf({ outputs }: Deployment): Cell[] {
  return tenantsOf(outputs).map((tenant) => stackConnection(outputs, tenant));
}

/** Returns the pool whose engines a function runs; undefined if it is not an engine function. */
export function poolOf({ variables }: FunctionSpec, cells: readonly Cell[]): Connection["pools"][number] | undefined {
  // Pools of two tenants may have the same name; their buckets differ.
  const cell = cells.find(({ blobBucket }) => blobBucket === variables.FANTAIL_BLOB_BUCKET);
  return cell?.pools.find(({ name }) => name === variables.FANTAIL_POOL);
}

/**
 * Returns the statements that the construct's `grantClient` adds: to submit tasks, read outcomes and exchange blobs.
 */
export function clientStatements({ functions, tables }: Deployment, cell: Cell): Statement[] {
  const allow = (actions: string[], resources: (string | undefined)[]): Statement => ({
    effect: "Allow",
    actions,
    resources: resources.filter((resource) => resource !== undefined),
  });
  return [
    allow(["lambda:InvokeFunction"], [functions.find(({ name }) => name === cell.scheduler)?.arn]),
    allow(["dynamodb:GetItem", "dynamodb:Query"], [tables.find(({ name }) => name === cell.taskTable)?.arn]),
    allow(["s3:GetObject", "s3:PutObject"], [`arn:aws:s3:::${cell.blobBucket}/blobs/*`]),
  ];
}

import { type AttributeValue, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { Cloud } from "../../client/local/index.ts";
import { rowOf } from "../../lambdas/adapters/dynamo-item.ts";
import type { Row } from "../../lambdas/protocol/rows.ts";
import type { Partitions } from "../simulation/tables-view.ts";

/** A cluster of an embedded cloud: the cloud's own, or a tenant's, whose client is the user with the tenant's name. */
export interface Cell extends Pick<Cloud, "access" | "connection"> {
  tenant?: string;
}

/** Reads every row of a cluster's tables. The client may not, so it is granted that right meanwhile. */
export async function readTables({ access, connection, tenant = "client" }: Cell): Promise<Partitions> {
  const { region, endpoints, credentials, taskTable, engineTable } = connection;
  const client = (await access.grantees()).find(({ arn }) => arn.endsWith(`:user/${tenant}`));
  if (!endpoints || !credentials || !client) throw new Error("the embedded cloud tells no endpoints");
  const dynamodb = new DynamoDBClient({ region, endpoint: endpoints.dynamodb, credentials });
  const scan = { effect: "Allow" as const, actions: ["dynamodb:Scan"], resources: ["*"] };
  await access.setStatements(client.arn, [...client.statements, scan]);
  try {
    const partitions = new Map<string, Map<string, Row>>();
    for (const TableName of [taskTable, engineTable])
      for (const item of await itemsOf(dynamodb, TableName)) {
        const row = rowOf(item);
        const partition = partitions.get(row.pk) ?? new Map<string, Row>();
        partitions.set(row.pk, partition.set(row.sk, row));
      }
    return partitions;
  } finally {
    await access.setStatements(client.arn, client.statements);
    dynamodb.destroy();
  }
}

async function itemsOf(dynamodb: DynamoDBClient, TableName: string): Promise<Record<string, AttributeValue>[]> {
  const items: Record<string, AttributeValue>[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await dynamodb.send(
      new ScanCommand({ TableName, ConsistentRead: true, ...(from && { ExclusiveStartKey: from }) }),
    );
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from);
  return items;
}

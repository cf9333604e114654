import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { Cloud } from "../../client/local/index.ts";

/** Counts the rows of a cluster's tables. The client may not scan them, so it is granted that right meanwhile. */
export async function countRows({ access, connection }: Pick<Cloud, "access" | "connection">): Promise<number> {
  const { region, endpoints, credentials, taskTable, engineTable } = connection;
  const client = (await access.grantees()).find(({ arn }) => arn.endsWith(":user/client"));
  if (!endpoints || !credentials || !client) throw new Error("the embedded cloud has no user `client`");
  const dynamodb = new DynamoDBClient({ region, endpoint: endpoints.dynamodb, credentials });
  const scan = { effect: "Allow" as const, actions: ["dynamodb:Scan"], resources: ["*"] };
  await access.setStatements(client.arn, [...client.statements, scan]);
  try {
    let rows = 0;
    for (const TableName of [taskTable, engineTable])
      for (let from: ScanCommand["input"]["ExclusiveStartKey"], isFirst = true; isFirst || from; isFirst = false) {
        const page = await dynamodb.send(
          new ScanCommand({
            TableName,
            Select: "COUNT",
            ConsistentRead: true,
            ...(from && { ExclusiveStartKey: from }),
          }),
        );
        rows += page.Count ?? 0;
        from = page.LastEvaluatedKey;
      }
    return rows;
  } finally {
    await access.setStatements(client.arn, client.statements);
    dynamodb.destroy();
  }
}

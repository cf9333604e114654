import { CreateTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** Creates tables `tasks`, `engines` and `other-engines` with the template's schema. */
export async function createTables(client: DynamoDBClient): Promise<void> {
  for (const TableName of ["tasks", "engines", "other-engines"])
    await client.send(
      new CreateTableCommand({
        TableName,
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        AttributeDefinitions: [
          { AttributeName: "pk", AttributeType: "S" },
          { AttributeName: "sk", AttributeType: "S" },
        ],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
}

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createTables } from "../store-tables.ts";
import { startMotoServer } from "./moto-server.ts";

/** Starts moto's DynamoDB with the store's tables. It runs until it is stopped or this process ends. */
export async function startMoto(): Promise<{ client: DynamoDBClient; stop: () => Promise<void> }> {
  const server = await startMotoServer();
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: "eu-west-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 6,
  });
  const stop = async () => {
    client.destroy();
    await server.stop();
  };
  try {
    await createTables(client);
    return { client, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

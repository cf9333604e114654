import { type OwnProcess, startOwnProcess } from "../processes/own-process.ts";
import type { DynamoDbStart, DynamoDbVerbs } from "./dynamodb-process.ts";

/** Starts DynamoDB's process. It loads while the cloud reads its template. */
export function startDynamoDb(): OwnProcess<DynamoDbVerbs> {
  return startOwnProcess("client/local/dynamodb/dynamodb-process");
}

/** Creates the tables that do not exist yet. Resolves to DynamoDB's port. */
export function startTables({ channel }: OwnProcess<DynamoDbVerbs>, start: DynamoDbStart): Promise<number> {
  return channel.call("start", start);
}

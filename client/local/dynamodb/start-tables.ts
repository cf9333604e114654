import { type OwnProcess, startOwnProcess } from "../processes/own-process.ts";
import type { DynamoDbStart, DynamoDbVerbs } from "./dynamodb-process.ts";

/** Starts DynamoDB's process, which loads while the cloud reads its template. */
export function startDynamoDb(): OwnProcess<DynamoDbVerbs> {
  return startOwnProcess("client/local/dynamodb/dynamodb-process");
}

/** Creates the tables that do not exist yet, and starts DynamoDB's endpoint. Resolves to its port. */
export function startTables({ channel }: OwnProcess<DynamoDbVerbs>, start: DynamoDbStart): Promise<number> {
  return channel.call("start", start);
}

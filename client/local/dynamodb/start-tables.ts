import { type OwnProcess, startOwnProcess } from "../own-process.ts";
import type { DynamoDbStart, DynamoDbVerbs } from "./dynamodb-process.ts";

/** Starts the process that is DynamoDB. It loads while the cloud reads what it is to hold. */
export function startDynamoDb(): OwnProcess<DynamoDbVerbs> {
  return startOwnProcess("dynamodb/dynamodb-process");
}

/** Creates the tables that are not there yet. Resolves to the port where DynamoDB answers. */
export function startTables({ channel }: OwnProcess<DynamoDbVerbs>, start: DynamoDbStart): Promise<number> {
  return channel.call("start", start);
}

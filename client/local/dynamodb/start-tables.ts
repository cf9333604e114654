import type { CallChannel } from "../processes/call-channel.ts";
import { startOwnProcess, startOwnThread } from "../processes/own-process.ts";
import type { DynamoDbStart, DynamoDbVerbs } from "./dynamodb-process.ts";

const MODULE = "client/local/dynamodb/dynamodb-process";
const NAME = "the embedded DynamoDB";

/**
 * Starts DynamoDB: as a thread if its tables are kept in memory, which takes 45 MB less, otherwise as a process, which
 * closes the tables if the cloud's process is killed. It loads while the cloud reads its template.
 */
export function startDynamoDb(hasFolder: boolean): CallChannel<DynamoDbVerbs> {
  if (!hasFolder) return startOwnThread(MODULE, NAME);
  return startOwnProcess<DynamoDbVerbs>(MODULE, NAME).channel;
}

/** Creates the tables that do not exist yet, and starts DynamoDB's endpoint. Resolves to its port. */
export function startTables(dynamodb: CallChannel<DynamoDbVerbs>, start: DynamoDbStart): Promise<number> {
  return dynamodb.call("start", start);
}

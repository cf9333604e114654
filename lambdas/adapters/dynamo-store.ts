import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { ENGINE_PARTITION, type Row, type RowKey } from "../protocol/rows.ts";
import { DynamoBatches } from "./dynamo-batches.ts";
import { jobClaim, requeuedClaim, withSpending } from "./dynamo-claim.ts";
import { type Item, itemOf, keyItem, rowOf } from "./dynamo-item.ts";
import { updateExpression } from "./dynamo-update.ts";
import type { RowTtl } from "./row-ttl.ts";
import type { Claimed, Listing, RowUpdate, Store, Updated } from "./store.ts";
import { updatedRow } from "./updated-row.ts";

/** Names of the two tables. */
export interface TableNames {
  tasks: string;
  engines: string;
}

/**
 * The store on DynamoDB. All attribute names and conditions are in the `dynamo-…` files, and only this class turns a
 * failed condition into the verb's own result. Every read must be consistent, because the protocol depends on it; the
 * embedded DynamoDB, whose reads are always consistent, would not reveal a mistake.
 *
 * DynamoDB itself rejects a row above 400 KB, a partition key above 2,048 bytes and a sort key above 1,024. This class
 * splits batches to fit DynamoDB's limits, and removes equal keys from them.
 */
export class DynamoStore implements Store {
  readonly #client: DynamoDBClient;
  readonly #batches: DynamoBatches;
  readonly #names: TableNames;
  readonly #ttl: RowTtl | undefined;

  /** @param ttl how long to keep the rows of jobs and of pushed values; absent: forever */
  constructor(client: DynamoDBClient, names: TableNames, ttl?: RowTtl) {
    this.#client = client;
    this.#batches = new DynamoBatches(client);
    this.#names = names;
    this.#ttl = ttl;
  }

  /** The row as an item, with its time to live. */
  #item(row: Row): Item {
    return itemOf({ ...row, expires: row.expires ?? this.#ttl?.expires(row) });
  }

  #table(partition: string): string {
    return partition === ENGINE_PARTITION ? this.#names.engines : this.#names.tasks;
  }

  async write(rows: readonly Row[]): Promise<void> {
    if (rows.length === 1 && rows[0]) {
      const [row] = rows;
      await this.#client.send(
        new PutItemCommand({ TableName: this.#table(row.pk), Item: this.#item(row), ReturnConsumedCapacity: "TOTAL" }),
      );
      return;
    }
    const requests = oneOfEach(rows).map((row) => ({
      table: this.#table(row.pk),
      bytes: row.body.length,
      request: { PutRequest: { Item: this.#item(row) } },
    }));
    await this.#batches.write(requests);
  }

  async putOnce(row: Row): Promise<Row | undefined> {
    const key = { pk: row.pk, sk: row.sk };
    for (;;) {
      try {
        await this.#client.send(
          new PutItemCommand({
            TableName: this.#table(row.pk),
            Item: this.#item(row),
            ConditionExpression: "attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            ReturnConsumedCapacity: "TOTAL",
          }),
        );
        return undefined;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        if (error.Item) return rowOf(error.Item);
        // Some emulators do not return the old item. It can still be read, because rows that are written once are only
        // deleted when they expire.
        const [existing] = await this.read([key]);
        if (existing) return existing;
      }
    }
  }

  async swap(row: Row, rev: number): Promise<boolean | undefined> {
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table(row.pk),
          Item: this.#item(row),
          ConditionExpression: "#rev = :rev",
          ExpressionAttributeNames: { "#rev": "rev" },
          ExpressionAttributeValues: { ":rev": { N: String(rev) } },
          ReturnConsumedCapacity: "TOTAL",
        }),
      );
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // After a retry by the SDK, the first write may have succeeded, and only its response was lost.
      return error.$metadata.attempts === 1 ? false : undefined;
    }
  }

  async claim(key: RowKey, count: number, size?: number, spent?: number): Promise<Claimed | undefined> {
    const claim = size === undefined ? jobClaim(count) : requeuedClaim(count, size, this.#ttl?.expires(key));
    const found = await this.#updateItem(key, spent === undefined ? claim : withSpending(claim, spent));
    if (!found) return undefined;
    const { before: row } = found;
    const from = row?.from ?? 0;
    const to = size ?? row?.to ?? 0;
    return { from, taken: Math.min(count, to - from), to, row };
  }

  async update(key: RowKey, update: RowUpdate): Promise<Updated | undefined> {
    const expires = update.mayCreate ? this.#ttl?.expires(key) : undefined;
    const found = await this.#updateItem(key, updateExpression(update, expires));
    // The new row is computed from the old one, because a response can only contain one of them.
    return found && { before: found.before, after: updatedRow(found.before, key, update) };
  }

  async read(keys: readonly RowKey[]): Promise<(Row | undefined)[]> {
    const [only] = keys;
    if (!only) return [];
    if (keys.length === 1) {
      const answer = await this.#client.send(
        new GetItemCommand({
          TableName: this.#table(only.pk),
          Key: keyItem(only),
          ConsistentRead: true,
          ReturnConsumedCapacity: "TOTAL",
        }),
      );
      return [answer.Item && rowOf(answer.Item)];
    }
    const asked = oneOfEach(keys).map((key) => ({ table: this.#table(key.pk), key: keyItem(key) }));
    const found = new Map((await this.#batches.read(asked)).map(rowOf).map((row) => [keyName(row), row]));
    return keys.map((key) => found.get(keyName(key)));
  }

  async list(partition: string, { from, to, limit }: Listing = {}): Promise<Row[]> {
    const rows: Row[] = [];
    let start: Item | undefined;
    const values: Item = { ":pk": { S: partition } };
    let condition = "pk = :pk";
    if (from !== undefined && to !== undefined) condition += " AND sk BETWEEN :from AND :to";
    else if (from !== undefined) condition += " AND sk >= :from";
    else if (to !== undefined) condition += " AND sk <= :to";
    if (from !== undefined) values[":from"] = { S: from };
    if (to !== undefined) values[":to"] = { S: to };
    do {
      const answer = await this.#client.send(
        new QueryCommand({
          TableName: this.#table(partition),
          KeyConditionExpression: condition,
          ExpressionAttributeValues: values,
          ConsistentRead: true,
          ReturnConsumedCapacity: "TOTAL",
          ...(limit === undefined ? {} : { Limit: limit - rows.length }),
          ...(start ? { ExclusiveStartKey: start } : {}),
        }),
      );
      for (const item of answer.Items ?? []) rows.push(rowOf(item));
      start = answer.LastEvaluatedKey;
    } while (start && (limit === undefined || rows.length < limit));
    return rows;
  }

  async remove(keys: readonly RowKey[]): Promise<void> {
    const [only] = keys;
    if (!only) return;
    if (keys.length === 1) {
      await this.#client.send(
        new DeleteItemCommand({
          TableName: this.#table(only.pk),
          Key: keyItem(only),
          ReturnConsumedCapacity: "TOTAL",
        }),
      );
      return;
    }
    await this.#batches.write(
      oneOfEach(keys).map((key) => ({
        table: this.#table(key.pk),
        bytes: 0,
        request: { DeleteRequest: { Key: keyItem(key) } },
      })),
    );
  }

  /**
   * Updates an item. Resolves to the row before the update (absent if the update created it), or to `undefined` if the
   * condition failed and nothing changed.
   */
  async #updateItem(
    key: RowKey,
    update: Omit<UpdateItemCommandInput, "TableName" | "Key">,
  ): Promise<{ before: Row | undefined } | undefined> {
    const command = new UpdateItemCommand({
      TableName: this.#table(key.pk),
      Key: keyItem(key),
      ...update,
      ReturnValues: "ALL_OLD",
      ReturnConsumedCapacity: "TOTAL",
    });
    try {
      const { Attributes: old = {} } = await this.#client.send(command);
      return { before: Object.keys(old).length > 0 ? rowOf(old) : undefined };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }
}

function keyName({ pk, sk }: RowKey): string {
  return JSON.stringify([pk, sk]);
}

/** Keeps the last of the rows with equal keys: DynamoDB refuses a batch in which a key occurs twice. */
function oneOfEach<Keyed extends RowKey>(rows: readonly Keyed[]): Keyed[] {
  return [...new Map(rows.map((row) => [keyName(row), row])).values()];
}

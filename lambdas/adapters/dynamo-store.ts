import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { ENGINE_PARTITION, type Row, type RowKey } from "../protocol/rows.ts";
import { DynamoBatches } from "./dynamo-batches.ts";
import { type Item, itemOf, keyItem, rowOf } from "./dynamo-item.ts";
import { markUpdate } from "./dynamo-mark.ts";
import { markedRow } from "./marked-row.ts";
import type { RowLife } from "./row-life.ts";
import type { Claimed, Listing, Marked, RowMark, Store } from "./store.ts";

/** Names of the two tables. */
export interface TableNames {
  tasks: string;
  engines: string;
}

/**
 * The tables on DynamoDB. Every attribute name and condition is in `dynamo-…`; a failed condition becomes the verb's own
 * answer here and nowhere else. Every read is consistent: the protocol's proofs rest on it, and the embedded
 * DynamoDB would never show the difference.
 */
export class DynamoStore implements Store {
  readonly #client: DynamoDBClient;
  readonly #batches: DynamoBatches;
  readonly #names: TableNames;
  readonly #life: RowLife | undefined;

  /**
   * @param life how long rows of jobs are kept; absent: for ever
   */
  constructor(client: DynamoDBClient, names: TableNames, life?: RowLife) {
    this.#client = client;
    this.#batches = new DynamoBatches(client);
    this.#names = names;
    this.#life = life;
  }

  /** A row as it is written: whoever writes it, with its time to live. */
  #item(row: Row): Item {
    return itemOf({ ...row, expires: row.expires ?? this.#life?.expires(row) });
  }

  #table(key: { pk: string }): string {
    return key.pk === ENGINE_PARTITION ? this.#names.engines : this.#names.tasks;
  }

  async write(rows: readonly Row[]): Promise<void> {
    if (rows.length === 1 && rows[0]) {
      const [row] = rows;
      await this.#client.send(
        new PutItemCommand({ TableName: this.#table(row), Item: this.#item(row), ReturnConsumedCapacity: "TOTAL" }),
      );
      return;
    }
    const requests = oneOfEach(rows).map((row) => ({
      table: this.#table(row),
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
            TableName: this.#table(row),
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
        // Not every DynamoDB gives the old item along; rows put once are not deleted under us but by expiry.
        const [standing] = await this.read([key]);
        if (standing) return standing;
      }
    }
  }

  async swap(row: Row, rev: number): Promise<boolean | undefined> {
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table(row),
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
      // The SDK may have repeated a write that was done, and whose answer was lost.
      return error.$metadata.attempts === 1 ? false : undefined;
    }
  }

  async claim(key: RowKey, count: number, size?: number): Promise<Claimed | undefined> {
    const values: Item = { ":count": { N: String(count) } };
    if (size !== undefined) {
      values[":size"] = { N: String(size) };
      values[":zero"] = { N: "0" };
    }
    const expires = size === undefined ? undefined : this.#life?.expires(key);
    if (expires !== undefined) values[":expires"] = { N: String(expires) };
    const answer = await this.#conditionally(
      new UpdateItemCommand({
        TableName: this.#table(key),
        Key: keyItem(key),
        UpdateExpression:
          size === undefined
            ? "SET #from = #from + :count"
            : `SET #from = if_not_exists(#from, :zero) + :count, #to = :size${expires === undefined ? "" : ", #expires = :expires"}`,
        ConditionExpression:
          size === undefined ? "#state = :open AND #from < #to" : "attribute_not_exists(#from) OR #from < :size",
        ExpressionAttributeNames: {
          "#from": "from",
          "#to": "to",
          ...(size === undefined ? { "#state": "state" } : {}),
          ...(expires === undefined ? {} : { "#expires": "expires" }),
        },
        ExpressionAttributeValues: size === undefined ? { ...values, ":open": { S: "open" } } : values,
        ReturnValues: "ALL_OLD",
        ReturnConsumedCapacity: "TOTAL",
      }),
    );
    if (!answer) return undefined;
    const row = answer.Attributes && Object.keys(answer.Attributes).length > 0 ? rowOf(answer.Attributes) : undefined;
    const from = row?.from ?? 0;
    const to = size ?? row?.to ?? 0;
    return { from, taken: Math.min(count, to - from), to, row };
  }

  async mark(key: RowKey, change: RowMark): Promise<Marked | undefined> {
    // The change is a function of the row before it, so one answer tells both.
    const answer = await this.#conditionally(
      new UpdateItemCommand({
        TableName: this.#table(key),
        Key: keyItem(key),
        ...markUpdate(change, change.upsert ? this.#life?.expires(key) : undefined),
        ReturnValues: "ALL_OLD",
        ReturnConsumedCapacity: "TOTAL",
      }),
    );
    if (!answer) return undefined;
    const stood = answer.Attributes && Object.keys(answer.Attributes).length > 0;
    const before = stood && answer.Attributes ? rowOf(answer.Attributes) : undefined;
    return { before, after: markedRow(before, key, change) };
  }

  async read(keys: readonly RowKey[]): Promise<(Row | undefined)[]> {
    const [only] = keys;
    if (!only) return [];
    if (keys.length === 1) {
      const answer = await this.#client.send(
        new GetItemCommand({
          TableName: this.#table(only),
          Key: keyItem(only),
          ConsistentRead: true,
          ReturnConsumedCapacity: "TOTAL",
        }),
      );
      return [answer.Item && rowOf(answer.Item)];
    }
    const asked = oneOfEach(keys).map((key) => ({ table: this.#table(key), key: keyItem(key) }));
    const found = new Map((await this.#batches.read(asked)).map(rowOf).map((row) => [keyName(row), row]));
    return keys.map((key) => found.get(keyName(key)));
  }

  async list(pk: string, { from, to, limit }: Listing = {}): Promise<Row[]> {
    const rows: Row[] = [];
    let start: Item | undefined;
    const values: Item = { ":pk": { S: pk } };
    let condition = "pk = :pk";
    if (from !== undefined && to !== undefined) condition += " AND sk BETWEEN :from AND :to";
    else if (from !== undefined) condition += " AND sk >= :from";
    else if (to !== undefined) condition += " AND sk <= :to";
    if (from !== undefined) values[":from"] = { S: from };
    if (to !== undefined) values[":to"] = { S: to };
    do {
      const answer = await this.#client.send(
        new QueryCommand({
          TableName: this.#table({ pk }),
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
          TableName: this.#table(only),
          Key: keyItem(only),
          ReturnConsumedCapacity: "TOTAL",
        }),
      );
      return;
    }
    await this.#batches.write(
      oneOfEach(keys).map((key) => ({
        table: this.#table(key),
        bytes: 0,
        request: { DeleteRequest: { Key: keyItem(key) } },
      })),
    );
  }

  /** The answer, or `undefined` when the condition failed. */
  async #conditionally(
    command: PutItemCommand | UpdateItemCommand,
  ): Promise<{ Attributes?: Item | undefined } | undefined> {
    try {
      return await this.#client.send(command as UpdateItemCommand);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }
}

function keyName({ pk, sk }: RowKey): string {
  return JSON.stringify([pk, sk]);
}

/** The last of those with equal keys: DynamoDB refuses a batch in which a key stands twice. */
function oneOfEach<Keyed extends RowKey>(rows: readonly Keyed[]): Keyed[] {
  return [...new Map(rows.map((row) => [keyName(row), row])).values()];
}

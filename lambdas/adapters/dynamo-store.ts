import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { ENGINE_PARTITION, type Row, type RowKey } from "../protocol/rows.ts";
import { markedRow } from "./marked-row.ts";
import type { RowLife } from "./row-life.ts";
import type { Claimed, Listing, Marked, RowMark, Store } from "./store.ts";

type Item = Record<string, AttributeValue>;

/** Names of the two tables. */
export interface TableNames {
  tasks: string;
  engines: string;
}

/** DynamoDB's limits for one batch. */
const BATCH_WRITE_ROWS = 25;
const BATCH_READ_KEYS = 100;
const BATCH_WRITE_BYTES = 12_000_000;

/** Waits between tries of what a batch left unprocessed, in milliseconds, doubled each time. */
const UNPROCESSED_WAIT_MS = 25;
const UNPROCESSED_TRIES = 10;

/** Batches under way at once. */
const BATCHES_AT_ONCE = 4;

/**
 * The tables on DynamoDB. Owns every attribute name and condition; a failed condition becomes the verb's own
 * answer here and nowhere else. Every read is consistent: the protocol's proofs rest on it, and the embedded
 * DynamoDB would never show the difference.
 */
export class DynamoStore implements Store {
  readonly #client: DynamoDBClient;
  readonly #names: TableNames;
  readonly #life: RowLife | undefined;

  /**
   * @param life how long rows of jobs are kept; absent: for ever
   */
  constructor(client: DynamoDBClient, names: TableNames, life?: RowLife) {
    this.#client = client;
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
    // DynamoDB refuses a batch in which a key stands twice.
    const byKey = new Map(rows.map((row) => [`${row.pk} ${row.sk}`, row]));
    const requests = [...byKey.values()].map((row) => ({
      table: this.#table(row),
      bytes: row.body.length,
      request: { PutRequest: { Item: this.#item(row) } },
    }));
    await this.#inBatches(requests);
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
        Key: { pk: { S: key.pk }, sk: { S: key.sk } },
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
    const sets: string[] = [];
    const names: Record<string, string> = {};
    const values: Item = {};
    const conditions = change.upsert ? [] : ["attribute_exists(pk)"];
    if (change.state !== undefined) {
      sets.push("#state = :state");
      names["#state"] = "state";
      values[":state"] = { S: change.state };
    }
    if (change.aborted) {
      sets.push("#aborted = list_append(if_not_exists(#aborted, :none), :aborted)");
      names["#aborted"] = "aborted";
      values[":none"] = { L: [] };
      values[":aborted"] = { L: change.aborted.map((mark) => ({ S: mark })) };
    }
    if (change.dependents) {
      sets.push("#dependents = :yes");
      names["#dependents"] = "dependents";
      values[":yes"] = { BOOL: true };
    }
    const expires = change.upsert ? this.#life?.expires(key) : undefined;
    if (expires !== undefined) {
      sets.push("#expires = :expires");
      names["#expires"] = "expires";
      values[":expires"] = { N: String(expires) };
    }
    if (change.fromAtMost !== undefined) {
      conditions.push("#from <= :most");
      names["#from"] = "from";
      values[":most"] = { N: String(change.fromAtMost) };
    }
    if (change.whileState !== undefined) {
      conditions.push("#state = :while");
      names["#state"] = "state";
      values[":while"] = { S: change.whileState };
    }
    const gathered: string[] = [];
    for (const name of SETS) {
      const elements = change.add?.[name];
      if (!elements || elements.length === 0) continue;
      gathered.push(`#${name} :${name}`);
      names[`#${name}`] = name;
      values[`:${name}`] = { SS: [...new Set(elements)] };
    }
    const update = [
      ...(sets.length > 0 ? [`SET ${sets.join(", ")}`] : []),
      ...(gathered.length > 0 ? [`ADD ${gathered.join(", ")}`] : []),
    ];
    // The change is a function of the row before it, so one answer tells both.
    const answer = await this.#conditionally(
      new UpdateItemCommand({
        TableName: this.#table(key),
        Key: { pk: { S: key.pk }, sk: { S: key.sk } },
        UpdateExpression: update.join(" "),
        ...(conditions.length > 0 ? { ConditionExpression: conditions.join(" AND ") } : {}),
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: values,
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
          Key: { pk: { S: only.pk }, sk: { S: only.sk } },
          ConsistentRead: true,
          ReturnConsumedCapacity: "TOTAL",
        }),
      );
      return [answer.Item && rowOf(answer.Item)];
    }
    const found = new Map<string, Row>();
    for (let at = 0; at < keys.length; at += BATCH_READ_KEYS)
      await this.#readBatch(keys.slice(at, at + BATCH_READ_KEYS), found);
    return keys.map(({ pk, sk }) => found.get(`${pk}\n${sk}`));
  }

  async #readBatch(keys: readonly RowKey[], found: Map<string, Row>): Promise<void> {
    let left: Record<string, { Keys: Item[]; ConsistentRead: boolean }> = {};
    for (const key of keys) {
      const table = this.#table(key);
      left[table] ??= { Keys: [], ConsistentRead: true };
      left[table].Keys.push({ pk: { S: key.pk }, sk: { S: key.sk } });
    }
    for (let attempt = 0; Object.keys(left).length > 0; attempt++) {
      if (attempt > 0) await backOff(attempt, "read");
      const answer = await this.#client.send(
        new BatchGetItemCommand({ RequestItems: left, ReturnConsumedCapacity: "TOTAL" }),
      );
      for (const items of Object.values(answer.Responses ?? {}))
        for (const item of items) {
          const row = rowOf(item);
          found.set(`${row.pk}\n${row.sk}`, row);
        }
      left = {};
      for (const [table, { Keys }] of Object.entries(answer.UnprocessedKeys ?? {}))
        if (Keys && Keys.length > 0) left[table] = { Keys, ConsistentRead: true };
    }
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
          Key: { pk: { S: only.pk }, sk: { S: only.sk } },
          ReturnConsumedCapacity: "TOTAL",
        }),
      );
      return;
    }
    await this.#inBatches(
      keys.map((key) => ({
        table: this.#table(key),
        bytes: 0,
        request: { DeleteRequest: { Key: { pk: { S: key.pk }, sk: { S: key.sk } } } },
      })),
    );
  }

  /** Sends batch writes, several at once, and each again until nothing of it is left unprocessed. */
  async #inBatches(requests: readonly { table: string; bytes: number; request: WriteRequest }[]): Promise<void> {
    const batches: Record<string, WriteRequest[]>[] = [];
    let count = 0;
    let bytes = 0;
    for (const { table, bytes: size, request } of requests) {
      if (count === 0 || count === BATCH_WRITE_ROWS || bytes + size > BATCH_WRITE_BYTES) {
        batches.push({});
        count = 0;
        bytes = 0;
      }
      const batch = batches.at(-1) ?? {};
      batch[table] ??= [];
      batch[table].push(request);
      count++;
      bytes += size;
    }
    let next = 0;
    const sender = async () => {
      for (let batch = batches[next++]; batch; batch = batches[next++]) await this.#writeBatch(batch);
    };
    await Promise.all(Array.from({ length: Math.min(BATCHES_AT_ONCE, batches.length) }, sender));
  }

  async #writeBatch(batch: Record<string, WriteRequest[]>): Promise<void> {
    let left = batch;
    for (let attempt = 0; Object.keys(left).length > 0; attempt++) {
      if (attempt > 0) await backOff(attempt, "write");
      const answer = await this.#client.send(
        new BatchWriteItemCommand({ RequestItems: left, ReturnConsumedCapacity: "TOTAL" }),
      );
      left = answer.UnprocessedItems ?? {};
    }
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

async function backOff(attempt: number, what: string): Promise<void> {
  if (attempt > UNPROCESSED_TRIES) throw new Error(`DynamoDB left a batch ${what} unprocessed ${attempt} times`);
  await new Promise((resolve) => setTimeout(resolve, UNPROCESSED_WAIT_MS * 2 ** (attempt - 1)));
}

const NUMBERS = ["from", "to", "rev", "load", "expires"] as const;
const SETS = ["ok", "bad", "opened", "purged"] as const;

function itemOf(row: Row): Item {
  const item: Item = { pk: { S: row.pk }, sk: { S: row.sk }, body: { S: row.body } };
  for (const name of NUMBERS) {
    const value = row[name];
    if (value !== undefined) item[name] = { N: String(value) };
  }
  if (row.state !== undefined) item.state = { S: row.state };
  if (row.aborted !== undefined) item.aborted = { L: row.aborted.map((mark) => ({ S: mark })) };
  for (const name of SETS) {
    const elements = row[name];
    if (elements && elements.length > 0) item[name] = { SS: elements };
  }
  if (row.dependents) item.dependents = { BOOL: true };
  return item;
}

function rowOf(item: Item): Row {
  const row: Row = { pk: item.pk?.S ?? "", sk: item.sk?.S ?? "", body: item.body?.S ?? "" };
  for (const name of NUMBERS) {
    const value = item[name]?.N;
    if (value !== undefined) row[name] = Number(value);
  }
  if (item.state?.S !== undefined) row.state = item.state.S;
  if (item.aborted?.L) row.aborted = item.aborted.L.map((mark) => mark.S ?? "");
  for (const name of SETS) {
    const elements = item[name]?.SS;
    if (elements) row[name] = elements;
  }
  if (item.dependents?.BOOL) row.dependents = true;
  return row;
}

import { type AttributeValue, DynamoDBClient, GetItemCommand, paginateQuery } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { COUNTED, countingCalls } from "../../lambdas/adapters/count-call.ts";
import { leanClient } from "../../lambdas/adapters/lean-client.ts";
import type { S3BlobStore } from "../../lambdas/adapters/s3-blob-store.ts";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import type { HighWaterMark } from "../../lambdas/protocol/flags.ts";
import { bucketPartition, jobKey, outcomePagesBetween, type Row } from "../../lambdas/protocol/rows.ts";
import { parseSchedulerAnswer, type SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import { type Usage, unpackUsage } from "../../lambdas/protocol/usage.ts";
import type { Connection } from "../connection/connection.ts";
import type { CloudPort, ReadPage } from "./cloud-port.ts";
import { ClusterEnded } from "./cluster-ended.ts";
import { embeddedCall } from "./embedded-call.ts";
import { JobLedger } from "./job-ledger.ts";
import { silenceSdkWarning } from "./sdk-warning.ts";

/**
 * Number of attempts of one request, including the first. The SDK repeats a request that was throttled or whose
 * connection was lost.
 */
const MAX_ATTEMPTS = 6;

/** Settings of the SDK clients. `awsProfile` names a profile of the AWS configuration files. */
function settings(connection: Connection, endpoint: string | undefined, awsProfile: string | undefined) {
  const { region, credentials } = connection;
  return {
    region,
    maxAttempts: MAX_ATTEMPTS,
    // Build the SDK's middleware stack once. Building it for each request took a quarter of the request's CPU time.
    cacheMiddleware: true,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(awsProfile === undefined ? {} : { profile: awsProfile }),
  };
}

interface OpenBlobs {
  store: S3BlobStore;
  close: () => void;
}

/** Sends a client's requests to AWS, or to the services at the connection's endpoints. */
export class AwsCloud implements CloudPort {
  readonly cluster: string;
  readonly region: string;
  readonly hwm: HighWaterMark;
  readonly ledger: JobLedger = new JobLedger();
  /** Counts this client's calls. Invocations of the scheduler are not added: its answers report them. */
  readonly #counted = { add: (used: Readonly<Usage>) => this.ledger.add({ ...used, invocations: 0 }) };
  readonly #connection: Connection;
  readonly #lambda: LambdaClient;
  readonly #dynamodb: DynamoDBClient;
  readonly #awsProfile: string | undefined;
  #blobs: Promise<OpenBlobs> | undefined;
  #ended: ClusterEnded | undefined;

  constructor(connection: Connection, awsProfile?: string) {
    silenceSdkWarning();
    const { endpoints } = connection;
    this.#connection = connection;
    this.region = connection.region;
    this.hwm = connection.hwm;
    this.cluster = `${endpoints?.dynamodb ?? connection.region}/${connection.taskTable}`;
    this.#lambda = leanClient(new LambdaClient(settings(connection, endpoints?.lambda, awsProfile)));
    this.#dynamodb = leanClient(new DynamoDBClient(settings(connection, endpoints?.dynamodb, awsProfile)));
    this.#awsProfile = awsProfile;
    for (const { middlewareStack } of [this.#lambda, this.#dynamodb])
      middlewareStack.add(countingCalls(this.#counted), COUNTED);
  }

  /** Makes every later call fail with this error. */
  end(why: ClusterEnded): void {
    this.#ended = why;
  }

  async ask(message: string): Promise<SchedulerAnswer> {
    const { scheduler } = this.#connection;
    const invoke = new InvokeCommand({
      FunctionName: scheduler,
      InvocationType: "RequestResponse",
      Payload: Buffer.from(message),
    });
    const reply = await this.#call(() => this.#lambda.send(invoke)).catch((cause: unknown) => {
      if (cause instanceof ClusterEnded) throw cause;
      throw new ClusterError(`the scheduler function ${scheduler} could not be invoked: ${String(cause)}`, { cause });
    });
    const text = Buffer.from(reply.Payload ?? []).toString("utf8");
    if (reply.FunctionError)
      throw new ClusterError(
        `the scheduler function ${scheduler} failed: ${text.slice(0, 2000)}. See \`fantail logs\``,
        {
          retryable: true,
        },
      );
    const answer = parseSchedulerAnswer(JSON.parse(text));
    if (answer.type === "ok" && answer.used) this.ledger.add(unpackUsage(answer.used));
    return answer;
  }

  async jobRow(job: string): Promise<Row | undefined> {
    const { pk, sk } = jobKey(job);
    const get = new GetItemCommand({
      TableName: this.#connection.taskTable,
      Key: { pk: { S: pk }, sk: { S: sk } },
      ConsistentRead: true,
      ReturnConsumedCapacity: "TOTAL",
    });
    const { Item: item } = await this.#call(() => this.#dynamodb.send(get));
    return item && rowOf(item);
  }

  async listRows(
    pk: string,
    { from, to }: { from: string; to: string },
    limit?: number,
    descending = false,
  ): Promise<Row[]> {
    const listing = {
      TableName: this.#connection.taskTable,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: { ":pk": { S: pk }, ":from": { S: from }, ":to": { S: to } },
      ConsistentRead: true,
      ReturnConsumedCapacity: "TOTAL" as const,
      ...(limit === undefined ? {} : { Limit: limit }),
      ...(descending ? { ScanIndexForward: false } : {}),
    };
    const rows: Row[] = [];
    await this.#call(async () => {
      for await (const { Items: items } of paginateQuery({ client: this.#dynamodb }, listing)) {
        for (const item of items ?? []) rows.push(rowOf(item));
        if (limit !== undefined && rows.length >= limit) break;
      }
    });
    return rows.slice(0, limit);
  }

  async outcomePages(job: string, bucket: number, first: number, past: number): Promise<ReadPage[]> {
    const { from, to } = outcomePagesBetween(first, past);
    const listing = {
      TableName: this.#connection.taskTable,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: { ":pk": { S: bucketPartition(job, bucket) }, ":from": { S: from }, ":to": { S: to } },
      ConsistentRead: true,
      ReturnConsumedCapacity: "TOTAL" as const,
    };
    const pages: ReadPage[] = [];
    await this.#call(async () => {
      for await (const { Items: items } of paginateQuery({ client: this.#dynamodb }, listing)) {
        for (const item of items ?? []) pages.push({ sk: item.sk?.S ?? "", body: item.body?.S ?? "" });
      }
    });
    this.ledger.charge([job]);
    return pages;
  }

  putBlob(name: string, bytes: Uint8Array): Promise<void> {
    return this.#call(async () => (await this.#openBlobs()).store.putAs(name, bytes));
  }

  getBlob(hash: string): Promise<Uint8Array> {
    return this.#call(async () => (await this.#openBlobs()).store.get(hash));
  }

  getPart(pack: string, from: number, to: number): Promise<Uint8Array> {
    return this.#call(async () => (await this.#openBlobs()).store.getPart(pack, from, to));
  }

  close(): void {
    for (const client of [this.#lambda, this.#dynamodb]) client.destroy();
    // If the bucket could not be opened, the calls that needed it have already thrown the error.
    this.#blobs?.then(
      ({ close }) => close(),
      () => {},
    );
  }

  /** Opens the bucket on first use. Loading its client takes 30 ms, and most scripts send no large values. */
  #openBlobs(): Promise<OpenBlobs> {
    this.#blobs ??= import("../../lambdas/adapters/s3-blob-store.ts").then(({ blobClient, S3BlobStore }) => {
      const { endpoints, blobBucket } = this.#connection;
      const s3 = blobClient(settings(this.#connection, endpoints?.s3, this.#awsProfile));
      s3.middlewareStack.add(countingCalls(this.#counted), COUNTED);
      return { store: new S3BlobStore(s3, blobBucket, { overwrites: true }), close: () => s3.destroy() };
    });
    return this.#blobs;
  }

  /** Makes a call by `embeddedCall`. Once the embedded cluster has ended, every call fails with the same error. */
  async #call<T>(call: () => Promise<T>): Promise<T> {
    if (this.#ended) throw this.#ended;
    try {
      return await embeddedCall(this.#connection, async () => {
        if (this.#ended) throw this.#ended;
        return await call();
      });
    } catch (error) {
      if (error instanceof ClusterEnded) this.#ended ??= error;
      throw this.#ended ?? error;
    }
  }
}

function rowOf(item: Record<string, AttributeValue>): Row {
  const number = (name: string) => (item[name]?.N === undefined ? undefined : Number(item[name].N));
  return {
    pk: item.pk?.S ?? "",
    sk: item.sk?.S ?? "",
    body: item.body?.S ?? "",
    from: number("from"),
    to: number("to"),
    state: item.state?.S,
    purged: item.purged?.SS,
    aborted: item.aborted?.L?.flatMap((range) => (range.S === undefined ? [] : [range.S])),
  };
}

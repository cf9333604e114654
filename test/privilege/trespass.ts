import { readFileSync } from "node:fs";
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { DisableRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { InvokeCommand, LambdaClient, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";

/** The targets of a hostile task. */
export interface Prey {
  tables: string[];
  bucket: string;
  /** Hash of an existing blob. */
  blob: string;
  /** Functions that no engine may invoke. */
  functions: string[];
  report: string;
  rules: string[];
}

/**
 * Makes calls, from a task with the SDK and its engine's credentials, that no engine needs. Returns how each ended.
 *
 * The engine's credentials are hidden from tasks only for tidiness: a hostile task finds them in its process.
 */
export async function trespass({
  tables,
  bucket,
  blob,
  functions,
  report,
  rules,
}: Prey): Promise<Record<string, string>> {
  const environ = readFileSync("/proc/self/environ", "utf8").split("\0");
  const own: Record<string, string | undefined> = Object.fromEntries(environ.map((line) => line.split(/=(.*)/s)));
  const client = (service: string) => ({
    region: own.AWS_REGION ?? "",
    endpoint: own[`AWS_ENDPOINT_URL_${service}`] ?? "",
    credentials: {
      accessKeyId: own.AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: own.AWS_SECRET_ACCESS_KEY ?? "",
      sessionToken: own.AWS_SESSION_TOKEN ?? "",
    },
    maxAttempts: 1,
  });
  const db = new DynamoDBClient(client("DYNAMODB"));
  const lambda = new LambdaClient(client("LAMBDA"));
  const s3 = new S3Client({ ...client("S3"), forcePathStyle: true });
  const events = new EventBridgeClient(client("EVENTBRIDGE"));
  const outcomes: Record<string, string> = {};
  const attempt = async (name: string, call: Promise<unknown>) => {
    outcomes[name] = await call.then(
      () => "done",
      ({ name, $metadata }) => (/^AccessDenied/.test(name) || $metadata?.httpStatusCode === 403 ? "denied" : name),
    );
  };

  const Key = { pk: { S: "engine" }, sk: { S: "000000" } };
  await attempt("list tables", db.send(new ListTablesCommand({})));
  for (const [at, TableName] of tables.entries()) {
    const on = { TableName };
    await attempt(`get from table ${at}`, db.send(new GetItemCommand({ ...on, Key })));
    await attempt(`put to table ${at}`, db.send(new PutItemCommand({ ...on, Item: Key })));
    const UpdateExpression = "SET body = :b";
    const ExpressionAttributeValues = { ":b": { S: "{}" } };
    await attempt(
      `update table ${at}`,
      db.send(new UpdateItemCommand({ ...on, Key, UpdateExpression, ExpressionAttributeValues })),
    );
    await attempt(`delete from table ${at}`, db.send(new DeleteItemCommand({ ...on, Key })));
    const query = { KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": { S: "engine" } } };
    await attempt(`query table ${at}`, db.send(new QueryCommand({ ...on, ...query })));
    await attempt(`scan table ${at}`, db.send(new ScanCommand(on)));
    await attempt(
      `get a batch from table ${at}`,
      db.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [Key] } } })),
    );
    await attempt(
      `write a batch to table ${at}`,
      db.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: Key } }] } })),
    );
    const Put = { ...on, Item: Key };
    await attempt(`write table ${at} at once`, db.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] })));
    await attempt(`describe table ${at}`, db.send(new DescribeTableCommand(on)));
    await attempt(`drop table ${at}`, db.send(new DeleteTableCommand(on)));
  }
  for (const FunctionName of functions) {
    const Payload = JSON.stringify({ type: "status" });
    await attempt(`invoke ${FunctionName}`, lambda.send(new InvokeCommand({ FunctionName, Payload })));
    const start = { FunctionName, Payload, InvocationType: "Event" as const };
    await attempt(`start ${FunctionName}`, lambda.send(new InvokeCommand(start)));
  }
  for (const FunctionName of [...functions, report]) {
    const Environment = { Variables: { FANTAIL_BLOB_BUCKET: "mine" } };
    await attempt(
      `configure ${FunctionName}`,
      lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment })),
    );
  }
  const there = { Bucket: bucket, Key: `blobs/${blob}` };
  const Body = "forged";
  await attempt("list the bucket", s3.send(new ListObjectsV2Command({ Bucket: bucket })));
  await attempt("delete a blob", s3.send(new DeleteObjectCommand(there)));
  const Objects = [{ Key: there.Key }];
  // S3 reports for each object separately whether it may be deleted.
  const deletion = s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
  const deleted = deletion.then(({ Errors: [error] = [] }) => {
    if (error) throw Object.assign(new Error(error.Message), { name: error.Code ?? "" });
  });
  await attempt("delete blobs", deleted);
  await attempt("overwrite a blob", s3.send(new PutObjectCommand({ ...there, Body })));
  await attempt("create a blob that is there", s3.send(new PutObjectCommand({ ...there, Body, IfNoneMatch: "*" })));
  await attempt("replace a blob by its ETag", s3.send(new PutObjectCommand({ ...there, Body, IfNoneMatch: '"x"' })));
  await attempt("upload a blob in parts", s3.send(new CreateMultipartUploadCommand(there)));
  await attempt(
    "copy over a blob",
    s3.send(new CopyObjectCommand({ ...there, CopySource: `${bucket}/${there.Key}`, MetadataDirective: "REPLACE" })),
  );
  await attempt("read outside the prefix", s3.send(new GetObjectCommand({ Bucket: bucket, Key: "secrets" })));
  await attempt("look outside the prefix", s3.send(new HeadObjectCommand({ Bucket: bucket, Key: "blobs" })));
  await attempt("write outside the prefix", s3.send(new PutObjectCommand({ Bucket: bucket, Key: "mine", Body })));
  const Payload = JSON.stringify({ type: "status" });
  await attempt("invoke report", lambda.send(new InvokeCommand({ FunctionName: report, Payload })));
  for (const Name of rules) await attempt(`stop the sweeps of ${Name}`, events.send(new DisableRuleCommand({ Name })));
  await attempt("read a blob", s3.send(new GetObjectCommand(there)));
  const fresh = { Bucket: bucket, Key: `blobs/${crypto.randomUUID()}`, Body, IfNoneMatch: "*" };
  await attempt("write a new blob", s3.send(new PutObjectCommand(fresh)));
  return outcomes;
}

/**
 * Sends the report function, from a task, messages that engines have no reason to send, or that only others send.
 * Returns the answer to each.
 */
export async function forge(report: string): Promise<Record<string, string>> {
  const environ = readFileSync("/proc/self/environ", "utf8").split("\0");
  const own: Record<string, string | undefined> = Object.fromEntries(environ.map((line) => line.split(/=(.*)/s)));
  const lambda = new LambdaClient({
    region: own.AWS_REGION ?? "",
    endpoint: own.AWS_ENDPOINT_URL_LAMBDA ?? "",
    credentials: { accessKeyId: own.AWS_ACCESS_KEY_ID ?? "", secretAccessKey: own.AWS_SECRET_ACCESS_KEY ?? "" },
    maxAttempts: 1,
  });
  const say = async (Payload: string) => {
    try {
      const answer = await lambda.send(new InvokeCommand({ FunctionName: report, Payload }));
      const text = answer.Payload?.transformToString() ?? "";
      return answer.FunctionError ? `crashed: ${text}` : String((JSON.parse(text) as { type: unknown }).type);
    } catch (error) {
      return (error as Error).name;
    }
  };
  const outcomes: Record<string, string> = {};
  const guess = { session: "0".repeat(32), nonce: "0".repeat(32) };
  const empty = { seq: 1, entries: [], returned: [], running: [], leaving: true, have: [] };
  for (const engine of [0, 1, 99]) {
    outcomes[`begin as engine ${engine}`] = await say(JSON.stringify({ type: "begin", engine, ...guess, have: [] }));
    outcomes[`report as engine ${engine}`] = await say(JSON.stringify({ type: "report", engine, ...guess, ...empty }));
    const requestContext = { functionArn: "arn:aws:lambda:x", condition: "RetriesExhausted" };
    const record = { requestContext, requestPayload: { engine, session: guess.session } };
    outcomes[`failure of engine ${engine}`] = await say(JSON.stringify(record));
  }
  for (const type of ["submit", "abort", "sweep", "scale", "purge"])
    outcomes[type] = await say(JSON.stringify({ type }));
  outcomes["no JSON"] = await say("{");
  outcomes["a text"] = await say('"report"');
  outcomes["deeper than a stack"] = await say(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
  outcomes["more than Lambda takes"] = await say(JSON.stringify("x".repeat(7_000_000)));
  return outcomes;
}

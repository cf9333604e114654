import { existsSync, readFileSync } from "node:fs";
import { DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";

const ENVIRONMENT = "/proc/self/environ";

/** Names of a cluster's resources. */
interface Names {
  scheduler: string;
  taskTable: string;
  engineTable: string;
  blobBucket: string;
}

/**
 * Makes calls, from within a task and with its engine's credentials, that no engine needs. Returns how each ended.
 *
 * The engine's credentials are hidden from tasks only for tidiness: a hostile task finds them in its process.
 *
 * @returns undefined if the system does not show a process its environment. Linux does, and Lambda's engines run on it
 */
export async function trespass({
  scheduler,
  taskTable,
  engineTable,
  blobBucket,
}: Names): Promise<Record<string, string> | undefined> {
  if (!existsSync(ENVIRONMENT)) return undefined;
  const environ = readFileSync(ENVIRONMENT, "utf8").split("\0");
  const own: Record<string, string | undefined> = Object.fromEntries(environ.map((line) => line.split(/=(.*)/s)));
  const client = (endpoint: string | undefined) => ({
    region: own.AWS_REGION ?? "",
    credentials: {
      accessKeyId: own.AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: own.AWS_SECRET_ACCESS_KEY ?? "",
      sessionToken: own.AWS_SESSION_TOKEN ?? "",
    },
    // On AWS there is no endpoint; emulators have one for all services or one for each.
    ...((endpoint ?? own.AWS_ENDPOINT_URL) !== undefined && { endpoint: endpoint ?? own.AWS_ENDPOINT_URL ?? "" }),
  });
  const dynamodb = new DynamoDBClient(client(own.AWS_ENDPOINT_URL_DYNAMODB));
  const lambda = new LambdaClient(client(own.AWS_ENDPOINT_URL_LAMBDA));
  const s3 = new S3Client({ ...client(own.AWS_ENDPOINT_URL_S3), forcePathStyle: true });
  const Bucket = blobBucket;
  const ended = (call: Promise<unknown>) =>
    call.then(
      () => "allowed",
      (error: Error) => (/^AccessDenied/.test(error.name) ? "denied" : `${error.name}: ${error.message}`),
    );
  const query = { KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": { S: "engine" } } };
  const Item = { pk: { S: "engine" }, sk: { S: "forged" } };
  const Payload = JSON.stringify({ type: "status" });
  return {
    "reads tasks": await ended(dynamodb.send(new QueryCommand({ TableName: taskTable, ...query }))),
    "writes engines": await ended(dynamodb.send(new PutItemCommand({ TableName: engineTable, Item }))),
    "asks the scheduler": await ended(lambda.send(new InvokeCommand({ FunctionName: scheduler, Payload }))),
    "lists blobs": await ended(s3.send(new ListObjectsV2Command({ Bucket }))),
    "deletes a blob": await ended(s3.send(new DeleteObjectCommand({ Bucket, Key: "blobs/any" }))),
    "reads what is no blob": await ended(s3.send(new GetObjectCommand({ Bucket, Key: "any" }))),
    "writes what is no blob": await ended(s3.send(new PutObjectCommand({ Bucket, Key: "any", IfNoneMatch: "*" }))),
    "writes over blobs": await ended(s3.send(new PutObjectCommand({ Bucket, Key: "blobs/any", Body: "forged" }))),
    "writes a new blob": await ended(
      s3.send(new PutObjectCommand({ Bucket, Key: `blobs/${crypto.randomUUID()}`, Body: "new", IfNoneMatch: "*" })),
    ),
  };
}

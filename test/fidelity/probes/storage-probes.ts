import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  PutItemCommand,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { limit, refusal } from "../calls.ts";
import type { FidelityCloud, Probe } from "../fidelity-cloud.ts";
import { BLOBS, NOTES } from "../probe-stack.ts";

const API = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference";
const range = (n: number) => Array.from({ length: n }, (_, index) => index);
const key = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk } });

/** Returns an item of this many bytes, names and values included. */
const item = (bytes: number) => ({ ...key("size", "one"), body: { S: "x".repeat(bytes - "pksizeskonebody".length) } });

const write = ({ dynamodb }: FidelityCloud, count: number, pk: string) => {
  const requests: WriteRequest[] = range(count).map((n) => ({ PutRequest: { Item: key(pk, String(n)) } }));
  return dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [NOTES]: requests } }));
};
const read = ({ dynamodb }: FidelityCloud, count: number) => {
  const Keys = range(count).map((n) => key("batch", String(n)));
  return dynamodb.send(new BatchGetItemCommand({ RequestItems: { [NOTES]: { Keys } } }));
};

export const storageProbes: Probe[] = [
  {
    row: "DynamoDB item",
    aws: "400 KB, then ValidationException 400",
    source: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html",
    observe: (cloud) => {
      const put = (bytes: number) => cloud.dynamodb.send(new PutItemCommand({ TableName: NOTES, Item: item(bytes) }));
      return limit("400 KB", put(400 * 1024), put(400 * 1024 + 1));
    },
  },
  {
    row: "BatchWriteItem",
    aws: "25 items, then ValidationException 400",
    source: `${API}/API_BatchWriteItem.html`,
    observe: (cloud) => limit("25 items", write(cloud, 25, "batch"), write(cloud, 26, "batch")),
  },
  {
    row: "BatchGetItem",
    aws: "100 items, then ValidationException 400",
    source: `${API}/API_BatchGetItem.html`,
    observe: (cloud) => limit("100 items", read(cloud, 100), read(cloud, 101)),
  },
  {
    row: "items that a batch leaves unprocessed",
    aws: "where a partition is hot",
    source: `${API}/API_BatchWriteItem.html`,
    observe: async (cloud) => {
      await cloud.faults?.leaveUnprocessed();
      const answers = await Promise.all(range(20).map((n) => write(cloud, 25, `hot${n}`)));
      const left = answers.some(({ UnprocessedItems = {} }) => Object.keys(UnprocessedItems).length > 0);
      return left ? (cloud.faults ? "when asked to" : "some of 500") : "none of 500";
    },
  },
  {
    row: "the item that a failed condition met",
    aws: "in the error when asked for",
    source: `${API}/API_PutItem.html`,
    observe: async ({ dynamodb }) => {
      const put = new PutItemCommand({
        TableName: NOTES,
        Item: key("condition", "one"),
        ConditionExpression: "attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      });
      await dynamodb.send(put);
      const error: unknown = await dynamodb.send(put).catch((reason: unknown) => reason);
      return (error as { Item?: unknown }).Item ? "in the error when asked for" : "not in the error";
    },
  },
  {
    row: "item past its time to live",
    aws: "deleted within days, readable until then",
    source: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html",
    begin: ({ dynamodb }) => {
      const expires = { N: String(Math.floor(Date.now() / 1000) - 60) };
      return dynamodb.send(new PutItemCommand({ TableName: NOTES, Item: { ...key("old", "one"), expires } }));
    },
    observe: async ({ dynamodb }) => {
      const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: NOTES }));
      if (TimeToLiveDescription?.TimeToLiveStatus !== "ENABLED") return "never deleted";
      const got = await dynamodb.send(
        new GetItemCommand({ TableName: NOTES, Key: key("old", "one"), ConsistentRead: true }),
      );
      return got.Item === undefined ? "deleted within minutes" : "deleted within days, readable until then";
    },
  },
  {
    row: "S3 object that must be new",
    aws: "PreconditionFailed 412",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html",
    observe: async ({ s3 }) => {
      const put = () =>
        s3.send(new PutObjectCommand({ Bucket: BLOBS, Key: "blobs/new", Body: "one", IfNoneMatch: "*" }));
      await put();
      return refusal(put());
    },
  },
];

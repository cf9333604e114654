import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Rule } from "aws-cdk-lib/aws-events";
import { Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Bucket } from "aws-cdk-lib/aws-s3";

/** All permissions in the stack, one function per kind. `test/privilege` proves that each is needed. */

/** All blobs, and nothing else, have this prefix. */
const BLOBS = "blobs/*";

/**
 * Allows exactly the calls that the scheduler's store makes. It never scans a table, and writes engine rows only one at
 * a time.
 */
export function keepTables({ tasks, engines }: { tasks: Table; engines: Table }): PolicyStatement[] {
  const keepTasks = new PolicyStatement({
    actions: [
      "dynamodb:BatchGetItem",
      "dynamodb:BatchWriteItem",
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ],
    resources: [tasks.tableArn],
  });
  const keepEngines = new PolicyStatement({
    actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
    resources: [engines.tableArn],
  });
  return [keepTasks, keepEngines];
}

/** Allows clients to read outcomes. */
export function readTasks(table: Table): PolicyStatement {
  return new PolicyStatement({
    actions: ["dynamodb:GetItem", "dynamodb:Query"],
    resources: [table.tableArn],
  });
}

/** Allows calling exactly these functions. */
export function invoke(functions: readonly LambdaFunction[]): PolicyStatement {
  return new PolicyStatement({
    actions: ["lambda:InvokeFunction"],
    resources: functions.map(({ functionArn }) => functionArn),
  });
}

/** Allows switching the sweep's rule: every new job enables the rule, and only the sweep disables it. */
export function switchRule(rule: Rule, ...actions: ("EnableRule" | "DisableRule")[]): PolicyStatement {
  return new PolicyStatement({ actions: actions.map((action) => `events:${action}`), resources: [rule.ruleArn] });
}

/**
 * Allows clients to read and write blobs by hash, but not to list or delete them. Without the permission to list, S3
 * reports a missing blob as access denied.
 */
export function exchangeBlobs(bucket: Bucket): PolicyStatement {
  return new PolicyStatement({ actions: ["s3:GetObject", "s3:PutObject"], resources: [bucket.arnForObjects(BLOBS)] });
}

/**
 * Allows engines to read all blobs and to write new ones.
 *
 * An existing blob cannot be overwritten: only a put with `If-None-Match: *` is allowed, which S3 accepts only if there
 * is no such object. Multipart uploads and copies cannot replace a blob either, as they have no such header.
 */
export function addBlobs(bucket: Bucket): PolicyStatement[] {
  const resources = [bucket.arnForObjects(BLOBS)];
  return [
    new PolicyStatement({ actions: ["s3:GetObject"], resources }),
    new PolicyStatement({
      actions: ["s3:PutObject"],
      resources,
      conditions: { StringEquals: { "s3:if-none-match": "*" } },
    }),
  ];
}

/** Allows writing a function's own log. AWS's managed policy, which this replaces, allows every log of the account. */
export function writeLog(logGroup: LogGroup): PolicyStatement {
  return new PolicyStatement({
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [logGroup.logGroupArn],
  });
}

/**
 * Allows what Lambda requires in the role of a function in a VPC. These permissions cannot be limited to some
 * resources.
 */
export function keepInterfaces(): PolicyStatement {
  return new PolicyStatement({ actions: INTERFACES, resources: ["*"] });
}

/**
 * Denies to the functions' own code the actions that `keepInterfaces` allows for Lambda. Anyone who may submit a task
 * controls this code.
 */
export function leaveInterfaces(functions: readonly LambdaFunction[]): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.DENY,
    actions: INTERFACES,
    resources: ["*"],
    conditions: { ArnEquals: { "lambda:SourceFunctionArn": functions.map(({ functionArn }) => functionArn) } },
  });
}

const INTERFACES = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

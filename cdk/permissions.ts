import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Rule } from "aws-cdk-lib/aws-events";
import { Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Bucket } from "aws-cdk-lib/aws-s3";

/** Everything that anyone in the stack may do is said here, one kind of right a function. `test/privilege` shows that each is needed. */

/** Blobs lie below this prefix, and nothing else does. */
const BLOBS = "blobs/*";

/** The scheduler's store: each call that it makes, no Scan, on these tables. Engines have a row each, replaced one by one. */
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

/** A client's look at outcomes. */
export function readTasks(table: Table): PolicyStatement {
  return new PolicyStatement({
    actions: ["dynamodb:GetItem", "dynamodb:Query"],
    resources: [table.tableArn],
  });
}

/** Calls to exactly these functions. */
export function invoke(functions: readonly LambdaFunction[]): PolicyStatement {
  return new PolicyStatement({
    actions: ["lambda:InvokeFunction"],
    resources: functions.map(({ functionArn }) => functionArn),
  });
}

/** The one-minute rule: whoever opens a job switches it on, only the sweep off. */
export function switchRule(rule: Rule, ...actions: ("EnableRule" | "DisableRule")[]): PolicyStatement {
  return new PolicyStatement({ actions: actions.map((action) => `events:${action}`), resources: [rule.ruleArn] });
}

/** A client's blobs by their hash: no list, no delete. Without a list, S3 says of a missing blob that access is denied. */
export function exchangeBlobs(bucket: Bucket): PolicyStatement {
  return new PolicyStatement({ actions: ["s3:GetObject", "s3:PutObject"], resources: [bucket.arnForObjects(BLOBS)] });
}

/**
 * An engine's blobs: read all, write new ones. A blob that is there cannot be overwritten, since S3 takes a put with
 * `If-None-Match: *` only where nothing is, and this allows no other; nor can it be assembled from parts, whose uploads
 * have no such header, or copied over.
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

/** A function's own log, in place of AWS's managed policy, which opens every log of the account. */
export function writeLog(logGroup: LogGroup): PolicyStatement {
  return new PolicyStatement({
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [logGroup.logGroupArn],
  });
}

/** What Lambda asks of the role of a function in a VPC. None of it can be bound to a resource that is there before. */
export function keepInterfaces(): PolicyStatement {
  return new PolicyStatement({ actions: INTERFACES, resources: ["*"] });
}

/** Takes from the code of these functions, which is anybody's who may submit a task, what `keepInterfaces` lets Lambda do for them. */
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

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
 * For the scheduler's store: every call that it makes (no Scan) on these tables. Engine rows are replaced one at a
 * time.
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

/** For clients: read outcomes. */
export function readTasks(table: Table): PolicyStatement {
  return new PolicyStatement({
    actions: ["dynamodb:GetItem", "dynamodb:Query"],
    resources: [table.tableArn],
  });
}

/** Call exactly these functions. */
export function invoke(functions: readonly LambdaFunction[]): PolicyStatement {
  return new PolicyStatement({
    actions: ["lambda:InvokeFunction"],
    resources: functions.map(({ functionArn }) => functionArn),
  });
}

/** Switch the rule of the sweep: every new job enables it, and only the sweep disables it. */
export function switchRule(rule: Rule, ...actions: ("EnableRule" | "DisableRule")[]): PolicyStatement {
  return new PolicyStatement({ actions: actions.map((action) => `events:${action}`), resources: [rule.ruleArn] });
}

/**
 * For clients: read and write blobs by hash, without listing or deleting. Without the list permission, S3 reports a
 * missing blob as access denied.
 */
export function exchangeBlobs(bucket: Bucket): PolicyStatement {
  return new PolicyStatement({ actions: ["s3:GetObject", "s3:PutObject"], resources: [bucket.arnForObjects(BLOBS)] });
}

/**
 * For engines: read all blobs, write new ones. An existing blob cannot be overwritten: this only allows a put with
 * `If-None-Match: *`, which S3 accepts only if there is no such object. Nor can it be replaced by a multipart upload or
 * a copy, which have no such header.
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

/** Write a function's own log. Replaces AWS's managed policy, which allows every log of the account. */
export function writeLog(logGroup: LogGroup): PolicyStatement {
  return new PolicyStatement({
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [logGroup.logGroupArn],
  });
}

/** Permissions that Lambda requires in the role of a function in a VPC. They cannot be limited to some resources. */
export function keepInterfaces(): PolicyStatement {
  return new PolicyStatement({ actions: INTERFACES, resources: ["*"] });
}

/**
 * Denies the actions that `keepInterfaces` allows Lambda to the functions' own code, which anyone who may submit a task
 * controls.
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

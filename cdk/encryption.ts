import { ArnFormat, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";

/** Returns the key that the props give as a CDK key or by its ARN; undefined if they give none. */
export function keyOf(scope: Construct, given: IKey | string | undefined): IKey | undefined {
  return typeof given === "string" ? Key.fromKeyArn(scope, "EncryptionKey", given) : given;
}

/**
 * Lets CloudWatch encrypt the stack's logs with the key, which requires a statement in the key's own policy. The CDK can
 * only extend the policy of a key in the same app; any other key's policy must already allow it.
 */
export function letLogsUse(key: IKey, scope: Construct): void {
  const stack = Stack.of(scope);
  // A statement that named each log group would make a circular dependency: key → log group → key.
  const logs = stack.formatArn({
    service: "logs",
    resource: "log-group",
    resourceName: "*",
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: "Logs",
      principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
      resources: ["*"],
      conditions: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": logs } },
    }),
  );
}

const TABLE_READS = ["kms:Decrypt", "kms:DescribeKey"];
const TABLE_WRITES = [
  ...TABLE_READS,
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];
const BLOBS = ["kms:Decrypt", "kms:GenerateDataKey"];

/**
 * Allows use of the key through DynamoDB or S3, which request it on behalf of the caller, and in no other way.
 *
 * @returns an empty list if there is no key
 */
export function useKey(key: IKey | undefined, use: "keep tables" | "read tables" | "blobs"): PolicyStatement[] {
  if (!key) return [];
  const { region, urlSuffix } = Stack.of(key);
  const service = use === "blobs" ? "s3" : "dynamodb";
  const actions = { "keep tables": TABLE_WRITES, "read tables": TABLE_READS, blobs: BLOBS }[use];
  return [
    new PolicyStatement({
      actions,
      resources: [key.keyArn],
      conditions: { StringEquals: { "kms:ViaService": `${service}.${region}.${urlSuffix}` } },
    }),
  ];
}

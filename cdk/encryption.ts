import { ArnFormat, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";

/** The key that the props tell of: one of the CDK's, or one by its ARN. */
export function keyOf(scope: Construct, given: IKey | string | undefined): IKey | undefined {
  return typeof given === "string" ? Key.fromKeyArn(scope, "EncryptionKey", given) : given;
}

/**
 * Lets CloudWatch encrypt the stack's logs with the key. It asks by the key's own policy, which the CDK can extend for a key of
 * the app only: that of any other must say so already.
 */
export function letLogsUse(key: IKey, scope: Construct): void {
  const stack = Stack.of(scope);
  // Each by its name would be a circle: the key, the log, the key.
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
 * Lets somebody use the key through DynamoDB or S3, which ask for it in the name of who calls them, and in no other way.
 *
 * @returns no statement where there is no key
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

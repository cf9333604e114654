import { Duration } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import { BlockPublicAccess, Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { StackSettings } from "./fantail-props.ts";

/** A table of rows by partition and sort key, paid by the request: it costs nothing while nothing runs. */
export function clusterTable(
  scope: Construct,
  id: string,
  { removalPolicy, pointInTimeRecovery }: StackSettings,
  options: { timeToLiveAttribute?: string } = {},
): Table {
  return new Table(scope, id, {
    partitionKey: { name: "pk", type: AttributeType.STRING },
    sortKey: { name: "sk", type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: pointInTimeRecovery },
    removalPolicy,
    ...options,
  });
}

/** The bucket of values too large for a row. */
export function blobBucket(scope: Construct, id: string, { removalPolicy, blobExpiryDays }: StackSettings): Bucket {
  return new Bucket(scope, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    removalPolicy,
    lifecycleRules: blobExpiryDays === undefined ? [] : [{ expiration: Duration.days(blobExpiryDays) }],
  });
}

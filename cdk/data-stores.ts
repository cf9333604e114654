import { Duration } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { BlockPublicAccess, Bucket, BucketEncryption } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { acknowledgeNoAccessLog } from "./acknowledged.ts";
import type { StackSettings } from "./fantail-props.ts";

/**
 * Makes a table of rows with a partition key and a sort key, billed per request: an idle table costs only its storage.
 */
export function clusterTable(
  scope: Construct,
  id: string,
  { removalPolicy, pointInTimeRecovery }: StackSettings,
  options: { key: IKey | undefined; timeToLiveAttribute?: string },
): Table {
  const { key, ...rest } = options;
  return new Table(scope, id, {
    partitionKey: { name: "pk", type: AttributeType.STRING },
    sortKey: { name: "sk", type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: pointInTimeRecovery },
    ...(key && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: key }),
    removalPolicy,
    ...rest,
  });
}

/**
 * Makes the S3 bucket for values too large for a row. It is not versioned: a blob is named by the hash of its
 * content, so all its versions would be equal.
 */
export function blobBucket(
  scope: Construct,
  id: string,
  { removalPolicy, blobExpiryDays }: StackSettings,
  key: IKey | undefined,
): Bucket {
  const bucket = new Bucket(scope, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    ...(key
      ? // A bucket key needs one KMS call for many blobs.
        { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }
      : { encryption: BucketEncryption.S3_MANAGED }),
    removalPolicy,
    lifecycleRules: [
      // Parts of unfinished uploads are invisible but billed.
      { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ...(blobExpiryDays === undefined ? [] : [{ expiration: Duration.days(blobExpiryDays) }]),
    ],
  });
  acknowledgeNoAccessLog(bucket);
  return bucket;
}

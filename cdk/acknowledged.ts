import { type CfnElement, Stack, Validations } from "aws-cdk-lib";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { IConstruct } from "constructs";

/** All findings of cdk-nag's AWS Solutions rules that the stack accepts, each with its reason. */

/** For the blob bucket. */
export function acknowledgeNoAccessLog(bucket: Bucket): void {
  Validations.of(bucket).acknowledge({
    id: "AwsSolutions-S1",
    reason:
      "Only this cluster's functions and clients have access, a blob never changes, and who asked for it stands in the task table. " +
      "A log would need a bucket more and be billed by the request; CloudTrail's data events tell the same where an audit asks for it.",
  });
}

/** For everything that may read and write blobs. */
export function acknowledgeBlobPrefix(grantee: IConstruct, bucket: Bucket): void {
  // The default child of a bucket is its CfnBucket; the CDK types it as any construct.
  const id = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnElement);
  Validations.of(grantee).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${id}.Arn>/blobs/*]`,
    reason:
      "A blob's name is the hash of what is in it, so none is known before. Nothing but blobs lies below that prefix.",
  });
}

/** For a policy that lets Lambda manage network interfaces. */
export function acknowledgeAnyInterface(policy: IConstruct): void {
  Validations.of(policy).acknowledge({
    id: "AwsSolutions-IAM5[Resource::*]",
    reason:
      "Lambda makes the interfaces after the policy, and EC2 lets DescribeNetworkInterfaces be bound to none. " +
      "A statement beside it denies all of this to the function's own code.",
  });
}

import { type CfnElement, Stack, Validations } from "aws-cdk-lib";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { IConstruct } from "constructs";

/** The findings of cdk-nag's AWS Solutions rules that the stack accepts, each with its reason. */

/** Accepts that the blob bucket has no access log. */
export function acknowledgeNoAccessLog(bucket: Bucket): void {
  Validations.of(bucket).acknowledge({
    id: "AwsSolutions-S1",
    reason:
      "Only this cluster's functions and clients have access, a blob never changes, and the task table records which tasks refer to it. " +
      "An access log would need another bucket and is billed per request; if an audit requires one, use CloudTrail's data events.",
  });
}

/** Accepts permissions on all blobs, for a grantee that may read and write them. */
export function acknowledgeBlobPrefix(grantee: IConstruct, bucket: Bucket): void {
  // The default child of a bucket is its CfnBucket, which the CDK types only as a construct.
  const id = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnElement);
  Validations.of(grantee).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${id}.Arn>/blobs/*]`,
    reason: "The names of blobs are not known in advance. There is nothing but blobs under this prefix.",
  });
}

/** Accepts permissions on all resources, for a policy that lets Lambda manage network interfaces. */
export function acknowledgeAnyInterface(policy: IConstruct): void {
  Validations.of(policy).acknowledge({
    id: "AwsSolutions-IAM5[Resource::*]",
    reason:
      "Lambda creates the interfaces after the policy, and EC2 cannot limit DescribeNetworkInterfaces to some of them. " +
      "Another statement denies these actions to the function's own code.",
  });
}

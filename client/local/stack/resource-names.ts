import { ClusterError } from "../../../lambdas/protocol/errors.ts";
import type { References } from "./intrinsics.ts";
import { treatmentOf } from "./resource-types.ts";
import type { Template } from "./template.ts";

/** The region of this cloud. */
export const REGION = "us-east-1";
/** The account number that emulators use; no AWS customer has it. */
export const ACCOUNT = "000000000000";

type Named = Pick<Template["Resources"][string], "Type" | "Properties">;

/**
 * Returns a resource's physical name. The name depends only on the stack and the id, so that a cloud restarted on the
 * same data finds its tables.
 */
export function physicalName(stack: string, logicalId: string, { Type, Properties }: Named): string {
  // Functions get the rule's name as text, since a reference to the rule would be circular.
  if (Type === "AWS::Events::Rule" && typeof Properties.Name === "string") return Properties.Name;
  const name = `${stack}-${logicalId}`;
  // Keep the end, which is unique. A bucket's name must begin with a letter or a digit.
  return Type === "AWS::S3::Bucket" ? name.toLowerCase().slice(-63).replace(/^-+/, "") : name.slice(-64);
}

/** Returns a resource's ARN; a made-up one for types that have no ARN in this cloud. */
export function arnOf(stack: string, logicalId: string, resource: Named): string {
  const name = physicalName(stack, logicalId, resource);
  switch (resource.Type) {
    case "AWS::Lambda::Function":
      return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
    case "AWS::DynamoDB::Table":
      return `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`;
    case "AWS::S3::Bucket":
      return `arn:aws:s3:::${name}`;
    case "AWS::IAM::Role":
      return `arn:aws:iam::${ACCOUNT}:role/${name}`;
    case "AWS::Events::Rule":
      return `arn:aws:events:${REGION}:${ACCOUNT}:rule/${name}`;
    case "AWS::Logs::LogGroup":
      return `${logGroupArn(name)}:*`;
    default:
      return `arn:aws:cloudformation:${REGION}:${ACCOUNT}:resource/${name}`;
  }
}

/** Returns a log group's ARN, without the `:*` that policies append for its streams. */
export function logGroupArn(name: string): string {
  return `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${name}`;
}

/** Returns how `Ref` and `Fn::GetAtt` resolve in this stack. */
export function referencesOf(stack: string, template: Template): References {
  const pseudo = new Map([
    ["AWS::Region", REGION],
    ["AWS::AccountId", ACCOUNT],
    ["AWS::Partition", "aws"],
    ["AWS::StackName", stack],
    ["AWS::URLSuffix", "amazonaws.com"],
  ]);
  return {
    ref(logicalId) {
      const resource = template.Resources[logicalId];
      if (resource) return physicalName(stack, logicalId, resource);
      const value = pseudo.get(logicalId) ?? template.Parameters[logicalId]?.Default;
      if (value === undefined)
        throw new ClusterError(
          `the template refers to ${logicalId}, but defines no resource and no parameter with a default by that name: define it, or remove the reference`,
        );
      return value;
    },
    attribute(logicalId, name) {
      const resource = template.Resources[logicalId];
      // Nothing that this cloud deploys uses attributes of resources that are passed over, so any value will do.
      if (resource && name !== "Arn" && treatmentOf(resource.Type) === "passed over")
        return `${physicalName(stack, logicalId, resource)}.${name}`;
      if (!resource || name !== "Arn")
        throw new ClusterError(
          `the embedded cloud cannot resolve ${logicalId}.${name} in the template: use Ref, or Arn of a resource of the template`,
        );
      return arnOf(stack, logicalId, resource);
    },
  };
}

import { readFileSync } from "node:fs";
import * as v from "valibot";

/** The parts of a CloudFormation template that this cloud reads. */
export const Template = v.looseObject({
  Resources: v.record(
    v.string(),
    v.looseObject({ Type: v.string(), Properties: v.optional(v.record(v.string(), v.unknown()), {}) }),
  ),
  Outputs: v.optional(v.record(v.string(), v.looseObject({ Value: v.unknown() })), {}),
  Parameters: v.optional(v.record(v.string(), v.looseObject({ Default: v.optional(v.string()) })), {}),
});
export type Template = v.InferOutput<typeof Template>;

const Text = v.string();
const Document = v.looseObject({ Statement: v.array(v.unknown()) });

/** Properties of the resources that this cloud deploys, with references resolved. */
export const FunctionProperties = v.looseObject({
  Handler: Text,
  Role: Text,
  Code: v.looseObject({ S3Key: Text }),
  MemorySize: v.optional(v.number(), 128),
  Timeout: v.optional(v.number(), 3),
  Environment: v.optional(v.looseObject({ Variables: v.optional(v.record(Text, Text), {}) }), {}),
  LoggingConfig: v.optional(v.looseObject({ LogGroup: v.optional(Text) }), {}),
  RecursiveLoop: v.optional(v.picklist(["Allow", "Terminate"]), "Terminate"),
  ReservedConcurrentExecutions: v.optional(v.number()),
  Layers: v.optional(v.pipe(v.array(v.unknown()), v.maxLength(0, "the embedded cloud has no layers"))),
  TenancyConfig: v.optional(v.looseObject({ TenantIsolationMode: v.literal("PER_TENANT") })),
});
export const TableProperties = v.looseObject({
  AttributeDefinitions: v.array(v.unknown()),
  KeySchema: v.array(v.unknown()),
  BillingMode: v.literal("PAY_PER_REQUEST"),
  GlobalSecondaryIndexes: v.optional(v.array(v.unknown())),
  LocalSecondaryIndexes: v.optional(v.array(v.unknown())),
});
export const RoleProperties = v.looseObject({
  Policies: v.optional(v.array(v.looseObject({ PolicyDocument: Document })), []),
  ManagedPolicyArns: v.optional(v.array(Text), []),
});
export const PolicyProperties = v.looseObject({ PolicyDocument: Document, Roles: v.array(Text) });
export const EventInvokeProperties = v.looseObject({
  FunctionName: Text,
  MaximumRetryAttempts: v.optional(v.number(), 2),
  MaximumEventAgeInSeconds: v.optional(v.number(), 21_600),
  DestinationConfig: v.optional(
    v.looseObject({ OnFailure: v.optional(v.looseObject({ Destination: Text })), OnSuccess: v.optional(v.never()) }),
    {},
  ),
});
export const RuleProperties = v.looseObject({
  ScheduleExpression: Text,
  State: v.optional(v.picklist(["ENABLED", "DISABLED"]), "ENABLED"),
  Targets: v.array(v.looseObject({ Arn: Text, Input: v.optional(Text) })),
});
export const PermissionProperties = v.looseObject({
  Action: Text,
  FunctionName: Text,
  Principal: Text,
  SourceArn: v.optional(Text),
});

/** Reads a template written by the CDK. */
export function readTemplate(file: string): Template {
  return v.parse(Template, JSON.parse(readFileSync(file, "utf8")));
}

import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { ClusterError } from "../../../lambdas/protocol/errors.ts";
import { concernsThisCloud, parseStatement, type Statement } from "../requests/access.ts";
import type { Deployment, EventSettings, FunctionSpec, RuleSpec, TableSpec } from "./deployment.ts";
import { resolveIntrinsics } from "./intrinsics.ts";
import { arnOf, logGroupArn, physicalName, referencesOf } from "./resource-names.ts";
import { treatmentOf } from "./resource-types.ts";
import {
  EventInvokeProperties,
  FunctionProperties,
  PermissionProperties,
  PolicyProperties,
  RoleProperties,
  RuleProperties,
  readTemplate,
  TableProperties,
} from "./template.ts";

/** A resource of the template with its name in this cloud. */
interface Resource<Properties> {
  name: string;
  arn: string;
  properties: Properties;
}

/**
 * Reads a template that the CDK synthesized.
 *
 * @param file the template, with its assets in the same folder
 * @throws ClusterError for a resource or a property that this cloud does not support
 */
export function readDeployment(file: string): Deployment {
  const template = readTemplate(file);
  const stack = basename(file, ".template.json");
  const references = referencesOf(stack, template);
  for (const [id, { Type }] of Object.entries(template.Resources))
    if (treatmentOf(Type) === undefined)
      throw new ClusterError(
        `the embedded cloud cannot deploy ${id}, a resource of type ${Type}: put it into another stack`,
      );

  function all<Schema extends v.GenericSchema>(type: string, schema: Schema): Resource<v.InferOutput<Schema>>[] {
    return Object.entries(template.Resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id, resource]) => {
        const { Properties } = resource;
        const parsed = v.safeParse(schema, resolveIntrinsics(Properties, references));
        if (!parsed.success)
          throw new ClusterError(
            `${type} ${id} in the template: ${v.getDotPath(parsed.issues[0])}: ${parsed.issues[0].message}`,
          );
        return { name: physicalName(stack, id, resource), arn: arnOf(stack, id, resource), properties: parsed.output };
      });
  }

  const roles = statementsByRole(all("AWS::IAM::Role", RoleProperties), all("AWS::IAM::Policy", PolicyProperties));
  const events = new Map(
    all("AWS::Lambda::EventInvokeConfig", EventInvokeProperties).map(({ properties }) => [
      properties.FunctionName,
      eventSettings(properties),
    ]),
  );
  return {
    functions: all("AWS::Lambda::Function", FunctionProperties).map((resource) => ({
      ...functionSpec(resource, dirname(file)),
      statements: roles.get(resource.properties.Role) ?? [],
      events:
        events.get(resource.name) ?? eventSettings(v.parse(EventInvokeProperties, { FunctionName: resource.name })),
    })),
    tables: all("AWS::DynamoDB::Table", TableProperties).map(tableSpec),
    buckets: all("AWS::S3::Bucket", v.looseObject({})).map(({ name }) => name),
    rules: rulesOf(
      all("AWS::Events::Rule", RuleProperties),
      all("AWS::Lambda::Permission", PermissionProperties).map(({ properties }) => properties),
    ),
    outputs: Object.fromEntries(
      Object.entries(template.Outputs).map(([name, { Value }]) => [name, String(resolveIntrinsics(Value, references))]),
    ),
  };
}

function statementsByRole(
  roles: Resource<v.InferOutput<typeof RoleProperties>>[],
  policies: Resource<v.InferOutput<typeof PolicyProperties>>[],
): Map<string, Statement[]> {
  return new Map(
    roles.map(({ name, arn, properties }) => {
      const attached = policies.filter((policy) => policy.properties.Roles.includes(name));
      const managed = properties.ManagedPolicyArns.flatMap((policy) => managedStatements(policy));
      const documents = [...properties.Policies, ...attached.map((policy) => policy.properties)];
      const written = documents.flatMap(({ PolicyDocument }) =>
        PolicyDocument.Statement.filter(concernsThisCloud).map(parseStatement),
      );
      return [arn, [...managed, ...written]];
    }),
  );
}

/**
 * Returns the statements of an AWS managed policy. Only the two that the CDK attaches for writing logs are known; any
 * other grants nothing.
 */
function managedStatements(policyArn: string): Statement[] {
  if (!/\/AWSLambda(?:BasicExecution|VPCAccessExecution)Role$/.test(policyArn)) return [];
  return [
    {
      effect: "Allow",
      actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
      resources: ["*"],
    },
  ];
}

function eventSettings(properties: v.InferOutput<typeof EventInvokeProperties>): EventSettings {
  return {
    maxRetries: properties.MaximumRetryAttempts,
    maxAgeSeconds: properties.MaximumEventAgeInSeconds,
    onFailure: properties.DestinationConfig.OnFailure?.Destination,
  };
}

function functionSpec(
  { name, arn, properties }: Resource<v.InferOutput<typeof FunctionProperties>>,
  assets: string,
): Omit<FunctionSpec, "statements" | "events"> {
  return {
    name,
    arn,
    label: properties.Handler.slice(properties.Handler.lastIndexOf(".") + 1),
    handler: properties.Handler,
    codeFolder: join(assets, `asset.${basename(properties.Code.S3Key, ".zip")}`),
    memoryMb: properties.MemorySize,
    timeoutSeconds: properties.Timeout,
    variables: properties.Environment.Variables ?? {},
    logGroup: logGroupArn(properties.LoggingConfig.LogGroup ?? `/aws/lambda/${name}`),
    role: properties.Role,
    recursiveLoop: properties.RecursiveLoop,
    isolatesTenants: properties.TenancyConfig !== undefined,
    reservedConcurrency: properties.ReservedConcurrentExecutions,
  };
}

function tableSpec({ name, arn, properties }: Resource<v.InferOutput<typeof TableProperties>>): TableSpec {
  const { AttributeDefinitions, KeySchema, BillingMode, GlobalSecondaryIndexes, LocalSecondaryIndexes } = properties;
  return {
    name,
    arn,
    definition: { AttributeDefinitions, KeySchema, BillingMode, GlobalSecondaryIndexes, LocalSecondaryIndexes },
  };
}

function rulesOf(
  rules: Resource<v.InferOutput<typeof RuleProperties>>[],
  permissions: v.InferOutput<typeof PermissionProperties>[],
): RuleSpec[] {
  return rules.map(({ name, arn, properties }) => ({
    name,
    arn,
    isEnabled: properties.State === "ENABLED",
    everyMs: rateMs(name, properties.ScheduleExpression),
    targets: properties.Targets.map(({ Arn, Input }) => {
      const allowed = permissions.some(
        ({ FunctionName, Principal, SourceArn }) =>
          FunctionName === Arn && Principal === "events.amazonaws.com" && (SourceArn ?? arn) === arn,
      );
      if (!allowed)
        throw new ClusterError(
          `the template does not let the rule ${name} invoke function ${Arn}: add a permission for events.amazonaws.com`,
        );
      return { functionArn: Arn, input: Input };
    }),
  }));
}

function rateMs(rule: string, expression: string): number {
  const [, count = "", unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }[unit];
  if (unitMs === undefined)
    throw new ClusterError(
      `the rule ${rule} has the schedule ${expression}, but the embedded cloud supports only rate expressions: use rate(…)`,
    );
  return Number(count) * unitMs;
}

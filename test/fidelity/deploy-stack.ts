import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  waitUntilStackCreateComplete,
} from "@aws-sdk/client-cloudformation";
import { DescribeTimeToLiveCommand, type DynamoDBClient, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { type LambdaClient, PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { physicalName } from "../../client/local/stack/resource-names.ts";
import { readTemplate, type Template } from "../../client/local/stack/template.ts";
import { zipFile } from "./zip-file.ts";

const CODE_BUCKET = "fantail-fidelity-code";
const DEPLOY_SECONDS = 300;
export interface DeployClients {
  cloudFormation: CloudFormationClient;
  dynamodb: DynamoDBClient;
  lambda: LambdaClient;
  s3: S3Client;
}

/** The property that names a resource, by its type. */
const NAMES: Record<string, string> = {
  "AWS::Lambda::Function": "FunctionName",
  "AWS::DynamoDB::Table": "TableName",
  "AWS::S3::Bucket": "BucketName",
};

/**
 * Deploys a stack of test/local/a-stack to a cloud with CloudFormation. Functions, tables and buckets get the same
 * names as on the embedded cloud.
 */
export async function deployStack(
  templateFile: string,
  { cloudFormation, dynamodb, lambda, s3 }: DeployClients,
): Promise<void> {
  const template = readTemplate(templateFile);
  await s3.send(new CreateBucketCommand({ Bucket: CODE_BUCKET }));
  for (const asset of new Set(Object.values(template.Resources).flatMap(assetOf))) {
    const code = readFileSync(join(dirname(templateFile), `asset.${asset}`, "index.mjs"));
    const upload = { Bucket: CODE_BUCKET, Key: `${asset}.zip`, Body: zipFile("index.mjs", code) };
    await s3.send(new PutObjectCommand(upload));
  }
  const StackName = "Test";
  await cloudFormation.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: JSON.stringify(named(StackName, template)),
      Capabilities: ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    }),
  );
  const wait = { client: cloudFormation, maxWaitTime: DEPLOY_SECONDS, minDelay: 1, maxDelay: 2 };
  await waitUntilStackCreateComplete(wait, { StackName }).catch(async (error: unknown) => {
    const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName }));
    const reasons = StackEvents.map((event) => event.ResourceStatusReason).filter((reason) => reason !== undefined);
    throw new Error(`the stack was not created: ${reasons.join("; ")}`, { cause: error });
  });
  for (const [id, resource] of Object.entries(template.Resources)) {
    const name = physicalName(StackName, id, resource);
    const { Type, Properties } = resource;
    if (Type === "AWS::Lambda::Function") await reserve(lambda, name, Properties.ReservedConcurrentExecutions);
    if (Type === "AWS::DynamoDB::Table") await enableTimeToLive(dynamodb, name);
  }
}

/**
 * An emulator's CloudFormation may ignore settings that its Lambda and DynamoDB support, so set them directly: those
 * services are probed.
 */
async function reserve(lambda: LambdaClient, FunctionName: string, environments: unknown): Promise<void> {
  if (typeof environments !== "number") return;
  const reservation = { FunctionName, ReservedConcurrentExecutions: environments };
  await lambda.send(new PutFunctionConcurrencyCommand(reservation));
}

async function enableTimeToLive(dynamodb: DynamoDBClient, TableName: string): Promise<void> {
  const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
  // AWS refuses to enable TTL if it is enabled.
  if (TimeToLiveDescription?.TimeToLiveStatus !== "DISABLED") return;
  const TimeToLiveSpecification = { AttributeName: "expires", Enabled: true };
  await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
}

type Resource = Template["Resources"][string];

/** Returns the hash of a function's code; nothing for other resources. */
function assetOf({ Properties }: Resource): string[] {
  const { S3Key } = (Properties.Code ?? {}) as { S3Key?: string };
  return S3Key === undefined ? [] : [S3Key.replace(/\.zip$/, "")];
}

function named(stack: string, template: Template): Template {
  const resources = Object.entries(template.Resources).map(([id, resource]): [string, Resource] => {
    const name = NAMES[resource.Type];
    const [asset] = assetOf(resource);
    const Properties = {
      ...resource.Properties,
      ...(name !== undefined && { [name]: physicalName(stack, id, resource) }),
      ...(asset !== undefined && { Code: { S3Bucket: CODE_BUCKET, S3Key: `${asset}.zip` } }),
    };
    return [id, { ...resource, Properties }];
  });
  return { ...template, Resources: Object.fromEntries(resources) };
}

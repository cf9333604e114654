import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { type Cloud, startCloudOf } from "../../client/local/cloud.ts";
import type { CloudTuning } from "../../client/local/start-cloud.ts";

/** A small stack, in the format that the CDK writes, for tests of the embedded cloud itself. */
export interface AStack {
  /** Functions by name: the text of index.mjs, and properties that are not the default. */
  functions: Record<
    string,
    {
      code: string;
      handler?: string;
      may?: unknown[];
      properties?: Record<string, unknown>;
      events?: Record<string, unknown>;
    }
  >;
  tables?: string[];
  buckets?: string[];
  /** Input of each rule, by the function that it invokes. */
  rules?: Record<string, string>;
}

/** Statement of every function. */
const LOGS = { Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: "*" };

export const arn = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
export const ref = (id: string) => ({ Ref: id });
/** Returns the name that a resource of the stack gets. */
export const named = (id: string) => `Test-${id}`;

/** Writes the stack into a folder. Returns the template's file. */
export function writeStack({ functions, tables = [], buckets = [], rules = {} }: AStack): string {
  const folder = mkdtempSync(join(tmpdir(), "fantail-test-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const Resources: Record<string, unknown> = {};
  for (const [name, { code, handler = "index.handler", may = [], properties = {}, events }] of Object.entries(
    functions,
  )) {
    const hash = createHash("sha256").update(code).digest("hex");
    mkdirSync(join(folder, `asset.${hash}`), { recursive: true });
    writeFileSync(join(folder, `asset.${hash}`, "index.mjs"), code);
    Resources[`${name}Role`] = { Type: "AWS::IAM::Role", Properties: { AssumeRolePolicyDocument: {} } };
    Resources[`${name}Policy`] = {
      Type: "AWS::IAM::Policy",
      Properties: {
        PolicyDocument: { Statement: [LOGS, ...may], Version: "2012-10-17" },
        PolicyName: name,
        Roles: [ref(`${name}Role`)],
      },
    };
    Resources[name] = {
      Type: "AWS::Lambda::Function",
      Properties: {
        Code: { S3Bucket: { "Fn::Sub": "assets-${AWS::AccountId}-${AWS::Region}" }, S3Key: `${hash}.zip` },
        Handler: handler,
        Runtime: "nodejs24.x",
        Role: arn(`${name}Role`),
        Timeout: 10,
        MemorySize: 512,
        ...properties,
      },
    };
    if (events)
      Resources[`${name}Events`] = {
        Type: "AWS::Lambda::EventInvokeConfig",
        Properties: { FunctionName: ref(name), Qualifier: "$LATEST", ...events },
      };
  }
  for (const table of tables)
    Resources[table] = {
      Type: "AWS::DynamoDB::Table",
      Properties: {
        AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        BillingMode: "PAY_PER_REQUEST",
        TimeToLiveSpecification: { AttributeName: "expires", Enabled: true },
      },
    };
  for (const bucket of buckets) Resources[bucket] = { Type: "AWS::S3::Bucket", Properties: {} };
  for (const [target, Input] of Object.entries(rules)) {
    Resources[`${target}Rule`] = {
      Type: "AWS::Events::Rule",
      Properties: {
        ScheduleExpression: "rate(1 minute)",
        State: "ENABLED",
        Targets: [{ Arn: arn(target), Id: "0", Input }],
      },
    };
    Resources[`${target}Permission`] = {
      Type: "AWS::Lambda::Permission",
      Properties: {
        Action: "lambda:InvokeFunction",
        FunctionName: arn(target),
        Principal: "events.amazonaws.com",
        SourceArn: arn(`${target}Rule`),
      },
    };
  }
  const file = join(folder, "Test.template.json");
  writeFileSync(file, JSON.stringify({ Resources, Outputs: {} }));
  return file;
}

/** Creates SDK clients with these credentials. By default they do not retry, so that a test sees each refusal. */
export function sdkClients({ region, endpoints, credentials }: Cloud["connection"], maxAttempts = 1) {
  if (!endpoints || !credentials) throw new Error("an embedded cloud has endpoints and credentials");
  // The SDK writes into the object that it gets.
  const common = { region, credentials: { ...credentials }, maxAttempts };
  return {
    lambda: new LambdaClient({ ...common, endpoint: endpoints.lambda }),
    dynamodb: new DynamoDBClient({ ...common, endpoint: endpoints.dynamodb }),
    s3: new S3Client({ ...common, endpoint: endpoints.s3, forcePathStyle: true }),
  };
}

/** Starts a cloud of the stack, whose client may do everything. */
export function startStack(
  stack: AStack,
  { tuning, dataDir }: { tuning?: CloudTuning; dataDir?: string } = {},
): Promise<Cloud> {
  const clientMay = [{ effect: "Allow" as const, actions: ["*"], resources: ["*"] }];
  return startCloudOf({ stack: { template: writeStack(stack), clientMay }, tuning, dataDir });
}

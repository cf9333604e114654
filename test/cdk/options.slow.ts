import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Match, Template } from "aws-cdk-lib/assertions";
import { CfnQueue } from "aws-cdk-lib/aws-sqs";
import * as v from "valibot";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { FantailProps } from "../../cdk/fantail-props.ts";
import { FantailStack } from "../../cdk/fantail-stack.ts";
import { ReportedConnection } from "../../client/connection/connection.ts";
import { readDeployment } from "../../client/local/stack/read-deployment.ts";
import { aStack, type TemplateResource, TWO_POOLS, templateOf } from "./a-stack.ts";
import { checkedApp, resourcesOf, statementsAbout, synthesized } from "./checked-app.ts";
import { everyOption, LAYER } from "./every-option.ts";

/** Templates of a user's stack with every option, and of one with all options that JSON can express. */
let every = Template.fromJSON({});
let json = every;
/** Findings about those two stacks and a default one. */
let findings: unknown[];

const KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555";
const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms";
const engines = [{ name: "default", count: 4 }];

beforeAll(() => {
  const app = checkedApp();
  const props: FantailProps = { engines, encryptionKey: KEY, monitoring: { dashboard: false, topic: TOPIC } };
  const stacks = [
    everyOption(app),
    new FantailStack(app, "Json", { fantail: JSON.parse(JSON.stringify(props)) }),
    new FantailStack(app, "Fantail", { fantail: { engines } }),
  ];
  const { templates, ...others } = synthesized(app, stacks);
  [every = every, json = json] = templates;
  ({ findings } = others);
});

const all = (type: string) => resourcesOf(every, type);
const properties = (type: string) => all(type).map(([, { Properties }]) => Properties);
const about = (service: string, role: string, policy?: string) => statementsAbout(every, service, role, policy);

describe("cdk-nag's rules for AWS solutions", () => {
  it("cdk-nag's rules for AWS solutions find only acknowledged issues in a stack, by default and with every option", () => {
    expect(findings).toEqual([]);
  });

  it("cdk-nag's rules for AWS solutions detect an issue that is not acknowledged", () => {
    const app = checkedApp();
    new FantailStack(app, "Fantail", { fantail: { engines, pointInTimeRecovery: false } });
    expect(() => synthesized(app, [])).toThrow(/AwsSolutions-DDB3/);
  });
});

describe("the CDK's own validation", () => {
  it.each([
    ["two pools", TWO_POOLS],
    ["tenants", { tenants: ["alice", "bob"] }],
    ["tables and blobs that are destroyed", { removalPolicy: "destroy" as never }],
    ["no backups", { pointInTimeRecovery: false }],
  ])("the CDK's own validation accepts a stack with %s", (_, props) => {
    expect(() => templateOf(aStack(props, { isValidated: true }))).not.toThrow();
  });

  it("the CDK's own validation rejects a resource that CloudFormation would reject", () => {
    const stack = aStack({}, { isValidated: true });
    new CfnQueue(stack, "Jobs", { delaySeconds: "soon" as never });
    expect(() => templateOf(stack)).toThrow(/delaySeconds|DelaySeconds/);
  });
});

describe("a pool", () => {
  it("a pool's functions have its layers, and divide its reserved concurrency like its engines", () => {
    const plain = properties("AWS::Lambda::Function").filter(({ Layers }) => Layers);
    expect(plain.map((one) => one.ReservedConcurrentExecutions)).toEqual([3, 2]);
    for (const { Layers } of plain) expect(Layers).toEqual([LAYER]);
  });

  it("a pool in a VPC is in the private subnets, behind a security group of its own without inbound traffic", () => {
    const [inside] = properties("AWS::Lambda::Function").filter(({ VpcConfig }) => VpcConfig);
    expect(inside?.VpcConfig).toEqual({
      SecurityGroupIds: [{ "Fn::GetAtt": [expect.stringContaining("Engineinside"), "GroupId"] }],
      SubnetIds: [1, 2].map((at) => ({ Ref: expect.stringContaining(`PrivateSubnet${at}`) })),
    });
    expect(properties("AWS::EC2::SecurityGroup").map((group) => group.SecurityGroupIngress)).toEqual([undefined]);
  });

  it("a pool in a VPC lets Lambda manage its network interfaces, but not its own code", () => {
    const [[id, inside] = []] = all("AWS::Lambda::Function").filter(([, one]) => one.Properties.VpcConfig);
    const [allow, deny] = ["Network", "Policy"].map((policy) => about("ec2", "FantailEngineinside", policy)[0]);
    expect(allow).toMatchObject({ Effect: "Allow", Resource: "*" });
    expect(deny).toEqual({
      ...allow,
      Effect: "Deny",
      Condition: { ArnEquals: { "lambda:SourceFunctionArn": [{ "Fn::GetAtt": [id, "Arn"] }] } },
    });
    expect(inside?.DependsOn).toContainEqual(expect.stringContaining("EngineinsideNetwork"));
    expect(about("ec2", "FantailEngineplain")).toEqual([]);
  });
});

describe("a key", () => {
  const key = { "Fn::GetAtt": [expect.stringMatching(/^Key/), "Arn"] };
  const through = (service: string) => ({
    StringEquals: {
      "kms:ViaService": { "Fn::Join": ["", [`${service}.`, { Ref: "AWS::Region" }, ".", { Ref: "AWS::URLSuffix" }]] },
    },
  });

  it("a key encrypts tables, blobs and logs", () => {
    every.allResourcesProperties("AWS::DynamoDB::Table", {
      SSESpecification: { KMSMasterKeyId: Match.objectLike({}), SSEEnabled: true, SSEType: "KMS" },
    });
    every.hasResourceProperties("AWS::S3::Bucket", {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { BucketKeyEnabled: true, ServerSideEncryptionByDefault: Match.objectLike({ SSEAlgorithm: "aws:kms" }) },
        ],
      },
    });
    const logs = all("AWS::Logs::LogGroup").filter(([id]) => id.startsWith("Fantail"));
    expect(logs.map(([, { Properties }]) => Properties.KmsKeyId)).toEqual(logs.map(() => key));
    expect(properties("AWS::KMS::Key")[0]?.KeyPolicy).toMatchObject({ Statement: [{}, { Sid: "Logs" }] });
  });

  it("a key can be used by each function only through its service, and only for its purpose", () => {
    const uses = (role: string) => about("kms", role);
    const blobs = {
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: key,
      Condition: through("s3"),
    };
    for (const engine of ["FantailEngineplain", "FantailEngineinside"]) expect(uses(engine)).toEqual([blobs]);
    for (const name of ["FantailScheduler", "FantailReport"])
      expect(uses(name)).toEqual([
        {
          Effect: "Allow",
          Action: expect.arrayContaining(["kms:Decrypt", "kms:Encrypt"]),
          Resource: key,
          Condition: through("dynamodb"),
        },
      ]);
    expect(uses("ClientRole")).toEqual([
      { Effect: "Allow", Action: ["kms:Decrypt", "kms:DescribeKey"], Resource: key, Condition: through("dynamodb") },
      blobs,
    ]);
  });

  it("a key can be given by its ARN, like a topic", () => {
    json.allResourcesProperties("AWS::DynamoDB::Table", {
      SSESpecification: Match.objectLike({ KMSMasterKeyId: KEY }),
    });
    json.allResourcesProperties("AWS::Logs::LogGroup", { KmsKeyId: KEY });
    json.allResourcesProperties("AWS::CloudWatch::Alarm", { AlarmActions: [TOPIC] });
    json.resourceCountIs("AWS::CloudWatch::Dashboard", 0);
  });
});

describe("a function that is connected to the cluster", () => {
  it("a connected function finds the cluster in its environment, and has a client's rights", () => {
    const [caller] = properties("AWS::Lambda::Function").filter(({ Handler }) => Handler === "index.handler");
    const environment = caller?.Environment as { Variables: Record<string, unknown> } | undefined;
    const { FANTAIL_CONNECTION: connection, ...others } = environment?.Variables ?? {};
    expect(others).toEqual({ LEVEL: "3" });
    const [, parts] = (connection as { "Fn::Join": [string, (string | { Ref: string })[]] })["Fn::Join"];
    const text = parts.map((part) => (typeof part === "string" ? part : part.Ref)).join("");
    expect(v.parse(ReportedConnection, JSON.parse(text))).toMatchObject({
      stack: "Everything",
      tenant: "alice",
      region: "AWS::Region",
      scheduler: expect.stringMatching(/^FantailScheduler/),
      taskTable: expect.stringMatching(/^FantailTasks/),
      pools: [
        { name: "plain", count: 3 },
        { name: "inside", count: 1 },
      ],
    });
    for (const service of ["lambda", "dynamodb", "s3", "kms"])
      expect(about(service, "CallerRole")).toEqual(about(service, "ClientRole"));
  });
});

describe("the embedded cloud", () => {
  /**
   * Writes the template with every option to a file, with extra resources and without the named properties. Its assets
   * are not needed.
   */
  function written(without: string[], more: Record<string, { Type: string }> = {}): string {
    const folder = mkdtempSync(join(tmpdir(), "fantail-options-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "Options.template.json");
    const template: { Resources?: Record<string, unknown> } = every.toJSON();
    writeFileSync(
      file,
      JSON.stringify({ ...template, Resources: { ...template.Resources, ...more } }, (key, value) =>
        without.includes(key) ? undefined : value,
      ),
    );
    return file;
  }

  it("the embedded cloud accepts keys, alarms, networks and tags, and rejects layers", () => {
    const { functions } = readDeployment(written(["Layers"], { Tidy: { Type: "Custom::S3AutoDeleteObjects" } }));
    expect(functions).toHaveLength(6);
    expect(() => readDeployment(written([]))).toThrow(/Layers: the embedded cloud has no layers/);
  });

  it("the embedded cloud rejects resources that it cannot deploy", () => {
    const queue = written(["Layers"], { Jobs: { Type: "AWS::SQS::Queue" } });
    expect(() => readDeployment(queue)).toThrow("cannot deploy Jobs, a resource of type AWS::SQS::Queue");
  });
});

describe("monitoring", () => {
  it("monitoring has an alarm for each failure of each function and table, which notifies the topic when it starts and ends", () => {
    const alarms = properties("AWS::CloudWatch::Alarm");
    const metrics = alarms.map(({ MetricName }) => String(MetricName)).sort();
    expect(metrics).toEqual([
      ...Array(3).fill("DestinationDeliveryFailures"),
      ...Array(5).fill("Errors"),
      ...Array(2).fill("ReadThrottleEvents"),
      ...Array(2).fill("Throttles"),
      ...Array(2).fill("WriteThrottleEvents"),
    ]);
    const topic = [{ Ref: expect.stringMatching(/^Topic/) }];
    for (const alarm of alarms)
      expect(alarm).toMatchObject({
        AlarmActions: topic,
        OKActions: topic,
        TreatMissingData: "notBreaching",
        Threshold: 1,
      });
    every.resourceCountIs("AWS::CloudWatch::Dashboard", 1);
  });
});

describe("the stack", () => {
  it("the stack keeps logs for the requested time, and chooses the name of no resource but the rule", () => {
    for (const [id, { Properties }] of all("AWS::Logs::LogGroup"))
      if (id.startsWith("Fantail")) expect(Properties.RetentionInDays).toBe(90);
    for (const name of ["FunctionName", "TableName", "BucketName", "RoleName", "LogGroupName", "AlarmName", "Name"])
      for (const [id, { Properties }] of Object.entries(every.toJSON().Resources) as [string, TemplateResource][])
        if (id.startsWith("Fantail") && !Properties?.TargetType && !id.startsWith("FantailSweep"))
          expect(Properties?.[name], `${id} ${name}`).toSatisfy((value) => typeof value !== "string");
  });

  it("the stack reserves concurrency for the scheduler and report functions", () => {
    const reserved = properties("AWS::Lambda::Function").filter(({ Handler }) =>
      /^index\.(?:report|scheduler)$/.test(String(Handler)),
    );
    expect(reserved.map((one) => [one.Handler, one.ReservedConcurrentExecutions]).sort()).toEqual([
      ["index.report", 20],
      ["index.scheduler", 10],
    ]);
  });

  it("the stack tags all of its resources", () => {
    const Tags = Match.arrayWith([
      { Key: "cost-center", Value: "7" },
      { Key: "team", Value: "research" },
    ]);
    for (const type of ["DynamoDB::Table", "S3::Bucket", "CloudWatch::Alarm", "Events::Rule"])
      every.allResourcesProperties(`AWS::${type}`, { Tags });
  });

  it("the stack expires blobs and incomplete uploads", () => {
    every.hasResourceProperties("AWS::S3::Bucket", {
      LifecycleConfiguration: {
        Rules: [
          { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: "Enabled" },
          { ExpirationInDays: 7, Status: "Enabled" },
        ],
      },
    });
  });
});

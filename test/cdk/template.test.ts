import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { aStack, type TemplateResource, TWO_POOLS, templateOf } from "./a-stack.ts";

describe("the template of a cluster", () => {
  const { template, resources, outputs, properties, outputId, only } = templateOf(aStack(TWO_POOLS));
  const environment = (id: string) => (properties(id).Environment as { Variables: Record<string, unknown> }).Variables;
  const functionId = (handler: string, pool?: string, copy = 1) =>
    only("AWS::Lambda::Function", ({ Properties }, id) => {
      const at = /Function(\d?)[0-9A-F]{8}$/.exec(id)?.[1] || "1";
      return Properties.Handler === handler && environment(id).FANTAIL_POOL === pool && at === String(copy);
    });
  const scheduler = functionId("index.scheduler");
  const report = functionId("index.report");
  const small = functionId("index.engine", "small");
  const small2 = functionId("index.engine", "small", 2);
  const large = functionId("index.engine", "large");

  it("the template of a cluster contains exactly these types of resources", () => {
    const counts: Record<string, number> = {};
    for (const { Type } of Object.values(resources)) counts[Type] = (counts[Type] ?? 0) + 1;
    expect(counts).toEqual({
      "AWS::DynamoDB::Table": 2,
      "AWS::S3::Bucket": 1,
      "AWS::S3::BucketPolicy": 1,
      "AWS::Lambda::Function": 5,
      "AWS::Lambda::EventInvokeConfig": 4,
      "AWS::Lambda::Permission": 1,
      "AWS::IAM::Role": 4,
      "AWS::IAM::Policy": 4,
      "AWS::Logs::LogGroup": 4,
      "AWS::Events::Rule": 1,
    });
  });

  it("the template of a cluster uses no intrinsic but Ref, GetAtt, Join and Sub", () => {
    const used = new Set<string>();
    JSON.stringify({ resources, outputs }, (key, value) => {
      if (key === "Ref" || key === "Condition" || key.startsWith("Fn::")) used.add(key);
      return value;
    });
    // The only Condition is IAM's own, in the bucket policy.
    expect([...used].sort()).toEqual(["Condition", "Fn::GetAtt", "Fn::Join", "Fn::Sub", "Ref"]);
  });

  it("the template of a cluster has two tables with keys pk and sk, billed per request, and the task table deletes expired rows", () => {
    template.allResourcesProperties("AWS::DynamoDB::Table", {
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
      ],
    });
    const expiring = { TimeToLiveSpecification: { AttributeName: "expires", Enabled: true } };
    expect(Object.keys(template.findResources("AWS::DynamoDB::Table", { Properties: expiring }))).toEqual([
      outputId("TaskTable"),
    ]);
  });

  it("the template of a cluster keeps blobs private, and requires TLS for them", () => {
    template.hasResourceProperties("AWS::S3::Bucket", {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: {
        Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: "Enabled" }],
      },
      VersioningConfiguration: Match.absent(),
    });
    template.hasResourceProperties("AWS::S3::BucketPolicy", {
      PolicyDocument: Match.objectLike({
        Statement: [
          Match.objectLike({ Effect: "Deny", Action: "s3:*", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
          Match.objectLike({ Effect: "Deny", Condition: { NumericLessThan: { "s3:TlsVersion": 1.2 } } }),
        ],
      }),
    });
  });

  it("the template of a cluster allows recursion, and gives every function a log with limited retention", () => {
    template.allResourcesProperties("AWS::Lambda::Function", {
      Runtime: "nodejs24.x",
      RecursiveLoop: "Allow",
      LoggingConfig: { LogGroup: Match.anyValue() },
    });
    template.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: 30 });
  });

  it("the template of a cluster gives each pool functions of its own, with the pool's settings", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      Handler: "index.engine",
      MemorySize: 512,
      Timeout: 60,
      Architectures: ["arm64"],
      Environment: { Variables: { LEVEL: "3", FANTAIL_POOL: "small", FANTAIL_BLOB_BUCKET: outputs.BlobBucket?.Value } },
    });
    template.hasResourceProperties("AWS::Lambda::Function", {
      Handler: "index.engine",
      MemorySize: 4096,
      Timeout: 900,
      Architectures: ["x86_64"],
      Environment: { Variables: { FANTAIL_POOL: "large", FANTAIL_BLOB_BUCKET: outputs.BlobBucket?.Value } },
    });
  });

  it("the template of a cluster deploys scheduler and report from one asset", () => {
    const code = (id: string) => properties(id).Code;
    expect(code(scheduler)).toEqual(code(report));
    expect(code(small)).toEqual(code(large));
  });

  it("the template of a cluster has `burst` identical functions for a pool, with one role and one log", () => {
    expect(properties(small2)).toEqual(properties(small));
  });

  const largePool = { name: "large", count: 2, memoryMb: 4096, timeoutSeconds: 900, architecture: "x86_64" };

  it("the template of a cluster passes tables, scheme, high-water mark and pools to scheduler and report", () => {
    const { FANTAIL_POOLS: pools, ...rest } = environment(report);
    expect(rest).toEqual({
      FANTAIL_LOG_LEVEL: "warn",
      FANTAIL_TASK_TABLE: outputs.TaskTable?.Value,
      FANTAIL_ENGINE_TABLE: outputs.EngineTable?.Value,
      FANTAIL_SCHEME: "twobin",
      FANTAIL_HWM: "0",
      FANTAIL_CODE_SHIPPING: "on",
      FANTAIL_RETENTION_DAYS: "30",
      FANTAIL_SWEEP_RULE: expect.stringMatching(/^Fantail-[0-9A-F]{8}-sweep$/),
      FANTAIL_PASS_SECONDS: "60",
    });
    const [separator, parts] = (pools as { "Fn::Join": [string, (string | { Ref: string })[]] })["Fn::Join"];
    const revision = expect.stringMatching(/^[0-9a-f]{12}$/);
    expect(JSON.parse(parts.map((part) => (typeof part === "string" ? part : part.Ref)).join(separator))).toEqual([
      { name: "small", count: 4, memoryMb: 512, timeoutSeconds: 60, functions: [small, small2], revision },
      { ...largePool, functions: [large], revision },
    ]);
    expect(environment(scheduler)).toEqual({ ...environment(report), FANTAIL_REPORT_FUNCTION: { Ref: report } });
  });

  it("the template of a cluster never lets Lambda retry an engine, and sends every failure to report", () => {
    for (const engine of [small, small2, large])
      template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
        FunctionName: { Ref: engine },
        Qualifier: "$LATEST",
        MaximumRetryAttempts: 0,
        MaximumEventAgeInSeconds: 300,
        DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": [report, "Arn"] } } },
      });
  });

  it("the template of a cluster has a one-minute rule for sweeps, which is off at first, and does not retry a failed sweep", () => {
    template.hasResourceProperties("AWS::Events::Rule", {
      Name: environment(scheduler).FANTAIL_SWEEP_RULE,
      ScheduleExpression: "rate(1 minute)",
      State: "DISABLED",
      Targets: [
        Match.objectLike({
          Arn: { "Fn::GetAtt": [scheduler, "Arn"] },
          Input: '{"type":"sweep"}',
          RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        }),
      ],
    });
    template.hasResourceProperties("AWS::Lambda::Permission", {
      Action: "lambda:InvokeFunction",
      FunctionName: { "Fn::GetAtt": [scheduler, "Arn"] },
      Principal: "events.amazonaws.com",
      SourceArn: { "Fn::GetAtt": [Match.anyValue(), "Arn"] },
    });
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      FunctionName: { Ref: scheduler },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });

  it("the template of a cluster outputs what clients need, under fixed names, and exports nothing", () => {
    const output = (Value: unknown) => ({ Value, Description: expect.any(String) });
    expect(outputs).toEqual({
      SchedulerFunction: output({ Ref: scheduler }),
      TaskTable: output({ Ref: expect.stringMatching(/^FantailTasks/) }),
      EngineTable: output({ Ref: expect.stringMatching(/^FantailEngines/) }),
      BlobBucket: output({ Ref: expect.stringMatching(/^FantailBlobs/) }),
      Scheme: output("twobin"),
      Hwm: output("0"),
      Pools: output(JSON.stringify([{ name: "small", count: 4, memoryMb: 512, timeoutSeconds: 60 }, largePool])),
    });
  });
});

describe("stored data", () => {
  it("data is retained by default when the stack is deleted, and logs are deleted", () => {
    const policies = (stack: ReturnType<typeof aStack>, type: string) =>
      Object.values(templateOf(stack).resources)
        .filter(({ Type }) => Type === type)
        .map(({ DeletionPolicy }) => DeletionPolicy);
    expect(policies(aStack(), "AWS::DynamoDB::Table")).toEqual(["Retain", "Retain"]);
    expect(policies(aStack(), "AWS::S3::Bucket")).toEqual(["Retain"]);
    expect(policies(aStack(), "AWS::Logs::LogGroup")).toEqual(["Delete", "Delete", "Delete"]);
    const destroyed = { removalPolicy: "destroy" as never };
    expect(policies(aStack(destroyed), "AWS::DynamoDB::Table")).toEqual(["Delete", "Delete"]);
    expect(policies(aStack(destroyed), "AWS::S3::Bucket")).toEqual(["Delete"]);
  });

  it("data is backed up by default", () => {
    const backedUp = (props?: { pointInTimeRecovery: boolean }) =>
      templateOf(aStack(props)).template.findResources("AWS::DynamoDB::Table", {
        Properties: { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
      });
    expect(Object.keys(backedUp())).toHaveLength(2);
    expect(backedUp({ pointInTimeRecovery: false })).toEqual({});
  });
});

describe("metrics", () => {
  it("with a namespace, all functions get it, and nothing else of the template changes; by default none has it", () => {
    const namespaces = (resources: Record<string, TemplateResource>) =>
      Object.values(resources)
        .filter(
          ({ Type, Properties }) => Type === "AWS::Lambda::Function" && String(Properties.Handler).startsWith("index."),
        )
        .map(({ Properties }) => JSON.stringify(Properties.Environment).match(/"FANTAIL_METRICS":"([^"]*)"/)?.[1]);
    const [off, on] = [templateOf(aStack()), templateOf(aStack({ metricsNamespace: "Mine" }))];
    expect(namespaces(off.resources)).toEqual([undefined, undefined, undefined]);
    expect(namespaces(on.resources)).toEqual(["Mine", "Mine", "Mine"]);
    const without = JSON.stringify(on.template.toJSON()).replaceAll(/,?"FANTAIL_METRICS":"Mine"/g, "");
    expect(without).toBe(JSON.stringify(off.template.toJSON()));
  });
});

import { fileURLToPath } from "node:url";
import { type App, RemovalPolicy, Stack } from "aws-cdk-lib";
import { type IVpc, Vpc } from "aws-cdk-lib/aws-ec2";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { Topic } from "aws-cdk-lib/aws-sns";
import { acknowledgeBlobPrefix } from "../../cdk/acknowledged.ts";
import { Fantail } from "../../cdk/fantail.ts";

export const LAYER = "arn:aws:lambda:eu-west-1:123456789012:layer:tools:3";

const beside = (name: string) => fileURLToPath(new URL(`../../examples/cdk-app/${name}`, import.meta.url));

/** Creates a user's stack with a cluster that sets every prop, and with the resources that those props need. */
export function everyOption(app: App): Stack {
  const stack = new Stack(app, "Everything", { description: "A cluster with all that there is" });
  const vpc = new Vpc(stack, "Vpc", { maxAzs: 2, restrictDefaultSecurityGroup: false });
  vpc.addFlowLog("FlowLog");
  const encryptionKey = new Key(stack, "Key", { enableKeyRotation: true });
  const topic = new Topic(stack, "Topic", { enforceSSL: true, masterKey: encryptionKey });
  const fantail = new Fantail(stack, "Fantail", {
    engines: [
      {
        name: "plain",
        count: 3,
        memoryMb: 512,
        timeoutSeconds: 60,
        burst: 2,
        reservedConcurrency: 5,
        layers: [LAYER],
        environment: { LEVEL: "3" },
      },
      { name: "inside", count: 1, architecture: "x86_64", vpc: vpc as IVpc },
    ],
    tenant: "alice",
    scheme: { entry: beside("longest-idle.ts"), export: "longestIdle" },
    hwm: 2,
    functions: beside("longest-idle.ts"),
    codeShipping: false,
    removalPolicy: RemovalPolicy.DESTROY,
    pointInTimeRecovery: true,
    retentionDays: 3,
    logLevel: "info",
    logRetention: 90,
    blobExpiryDays: 7,
    encryptionKey,
    reservedConcurrency: { scheduler: 10, report: 20 },
    monitoring: { topic },
    metricsNamespace: "Research/fantail",
    tags: { team: "research", "cost-center": "7" },
  });
  const user = new Role(stack, "ClientRole", { assumedBy: new ServicePrincipal("ec2.amazonaws.com") });
  fantail.grantClient(user);
  acknowledgeBlobPrefix(user, fantail.blobBucket);
  const caller = new LambdaFunction(stack, "Caller", {
    runtime: Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: Code.fromAsset(beside("")),
    role: new Role(stack, "CallerRole", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") }),
    environment: { LEVEL: "3" },
  });
  fantail.connectTo(caller);
  return stack;
}

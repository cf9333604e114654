import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { CfnOutput, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Architecture, Runtime } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import type { Construct } from "constructs";
import { Fantail } from "fantail-lambda/cdk";

/** A cluster of two pools with a custom scheme, and a Lambda function that uses it. */
export class SumsStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { description: "Sums of squares, computed by a fantail cluster" });
    const cluster = new Fantail(this, "Cluster", {
      engines: [
        { name: "small", count: 3, memoryMb: 512, timeoutSeconds: 60, burst: 2 },
        { name: "large", count: 1, memoryMb: 3008 },
      ],
      scheme: { entry: beside("longest-idle"), export: "longestIdle" },
      removalPolicy: RemovalPolicy.DESTROY,
      tags: { project: "sums" },
    });

    const sum = new NodejsFunction(this, "Sum", {
      description: "Squares numbers on the cluster and adds them up",
      entry: beside("sum-of-squares"),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 1024,
      timeout: Duration.minutes(1),
      bundling: {
        format: OutputFormat.ESM,
        mainFields: ["module", "main"],
        // Bundle the SDK version that fantail was tested with. The runtime's version may differ, and emulators have
        // none.
        externalModules: [],
        // CommonJS packages need `require`, which an ES module does not have.
        banner:
          'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
      },
    });
    // Lets `Client.connect()` find the cluster inside the function, and grants the function access.
    cluster.connectTo(sum);
    new CfnOutput(this, "SumFunction", { value: sum.functionName, description: "Takes { numbers }, returns { sum }" });
  }
}

/** Path of a module in this folder, as source or as built. */
function beside(module: string): string {
  return fileURLToPath(new URL(`./${module}${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
}

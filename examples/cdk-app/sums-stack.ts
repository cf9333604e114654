import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { CfnOutput, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Architecture, Runtime } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import type { Construct } from "constructs";
import { Fantail } from "fantail-lambda/cdk";

/** A cluster of two pools with a scheme of its own, and a function that has it do its work. */
export class SumsStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { description: "Sums of squares, worked out by a fantail cluster" });
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
        // The SDK that fantail was tried with, not the one that the runtime happens to have, which no emulator has.
        externalModules: [],
        // Packages in CommonJS ask for `require`, which an ES module has not.
        banner:
          'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
      },
    });
    // From here on `Client.connect()` finds the cluster inside the function, and the function may use it.
    cluster.connectTo(sum);
    new CfnOutput(this, "SumFunction", { value: sum.functionName, description: "Takes { numbers }, gives { sum }" });
  }
}

/** A module of this folder, as source or as built. */
function beside(module: string): string {
  return fileURLToPath(new URL(`./${module}${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
}

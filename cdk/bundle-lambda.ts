import { join } from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { type LambdaBundle, writeBundle } from "../client/local/code/write-bundle.ts";
import { PACKAGE_ROOT } from "../client/local/package-root.ts";

/** A code asset made by esbuild in this process, without Docker. Addressed by its content. */
export function bundleLambda(bundle: LambdaBundle): Code {
  return Code.fromAsset(join(PACKAGE_ROOT, "lambdas"), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry("fantail-bundles-without-docker"),
      // Never run: tells the CDK's cache of bundles one from another.
      command: [JSON.stringify(bundle)],
      local: {
        tryBundle(directory) {
          writeBundle(bundle, directory);
          return true;
        },
      },
    },
  });
}

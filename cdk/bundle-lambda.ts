import { join } from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { type LambdaBundle, writeBundle } from "../client/local/code/write-bundle.ts";
import { PACKAGE_ROOT } from "../client/local/folders/package-root.ts";

/** Makes a code asset with esbuild, without Docker. The asset's hash is its content's hash. */
export function bundleLambda(bundle: LambdaBundle): Code {
  return Code.fromAsset(join(PACKAGE_ROOT, "lambdas"), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry("fantail-bundles-without-docker"),
      // This command never runs. It distinguishes bundles in the CDK's cache.
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

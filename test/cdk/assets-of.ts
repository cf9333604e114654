import { join } from "node:path";
import { App } from "aws-cdk-lib";
import type { FantailProps } from "../../cdk/fantail-props.ts";
import { FantailStack } from "../../cdk/fantail-stack.ts";

/**
 * Synthesizes a stack into the subfolder `name`. Returns the asset folders of the scheduler and the engine, and the
 * template.
 */
export function assetsOf(
  folder: string,
  name: string,
  more: Partial<FantailProps> = {},
): { scheduler: string; engine: string; template: unknown } {
  const outdir = join(folder, name);
  // app.test.ts validates the template.
  const app = new App({ analyticsReporting: false, builtinCloudFormationValidation: false, outdir });
  new FantailStack(app, "Fantail", { fantail: { engines: [{ name: "default", count: 4 }], ...more } });
  const { stacks } = app.synth();
  const template: {
    Resources: Record<string, { Properties: { Handler?: string; Code?: { S3Key: string } } }>;
  } = stacks[0]?.template;
  const assetOf = (handler: string) => {
    const found = Object.values(template.Resources).find(({ Properties }) => Properties.Handler === handler);
    return join(outdir, `asset.${found?.Properties.Code?.S3Key.replace(/\.zip$/, "")}`);
  };
  return { scheduler: assetOf("index.scheduler"), engine: assetOf("index.engine"), template };
}

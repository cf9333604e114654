import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { FantailStack } from "../../cdk/fantail-stack.ts";

/** A new temporary folder. */
export const newFolder = () => mkdtempSync(join(tmpdir(), "fantail-derive-"));

/** Returns the template that the construct produces, and the folder of its assets. */
export function described(settings: object, bundles = true): { text: string; outdir: string } {
  const outdir = newFolder();
  const app = new App({
    analyticsReporting: false,
    treeMetadata: false,
    builtinCloudFormationValidation: false,
    outdir,
    ...(bundles ? {} : { context: { "aws:cdk:bundling-stacks": [] } }),
  });
  const fantail = settings as ConstructorParameters<typeof FantailStack>[2]["fantail"];
  new FantailStack(app, "Fantail", { fantail });
  app.synth();
  return { text: readFileSync(join(outdir, "Fantail.template.json"), "utf8"), outdir };
}

/** Returns the template as text, with one name for all code: code is compared separately. */
export const withoutCode = (text: string) => text.replace(/"[0-9a-f]{64}\.zip"/g, '"code"');

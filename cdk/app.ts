import { App } from "aws-cdk-lib";
import { FantailStack, type FantailStackProps } from "./fantail-stack.ts";

/**
 * The app that the CDK runs: `npx cdk synth`, `npx cdk deploy` or, without the CLI, `CDK_OUTDIR=cdk.out npx tsx
 * cdk/app.ts`. The cluster's props are JSON in the variable FANTAIL_CDK_PROPS or in the context value `fantail`; the
 * stack's name is the context value `stack`.
 */
const app = new App({
  // The template must not contain metadata about the tools that made it.
  analyticsReporting: false,
  treeMetadata: false,
  context: { "@aws-cdk/core:validateAgainstDefaultRules": true },
});

const given: unknown = process.env.FANTAIL_CDK_PROPS ?? app.node.tryGetContext("fantail");
const fantail: unknown = typeof given === "string" ? JSON.parse(given) : given;
const stack: unknown = app.node.tryGetContext("stack");

new FantailStack(app, typeof stack === "string" ? stack : "Fantail", {
  // The construct validates the props.
  fantail: (fantail as FantailStackProps["fantail"] | undefined) ?? { engines: [{ name: "default", count: 4 }] },
});
app.synth();

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { App } from "aws-cdk-lib";
import { expect, onTestFinished, test } from "vitest";
import { readDeployment } from "../../client/local/stack/read-deployment.ts";
import { readTemplate, type Template } from "../../client/local/stack/template.ts";
import { aStack } from "../cdk/a-stack.ts";

/**
 * Statements of the template outside role policies, by the type of resource that contains them. The embedded cloud has
 * neither sts:AssumeRole nor TLS, so AWS's documents decide about the first two.
 */
const HOLDERS: Record<string, string> = {
  // Only Lambda may assume the roles: IAM User Guide, "AWS JSON policy elements: Principal".
  "AWS::IAM::Role": "sts:AssumeRole",
  // Nobody can access blobs without TLS: S3 User Guide, "Bucket policy examples using condition keys",
  // aws:SecureTransport.
  "AWS::S3::BucketPolicy": "s3:*",
  // The rule may invoke the scheduler: tested below.
  "AWS::Lambda::Permission": "lambda:InvokeFunction",
};

const stack = aStack();
const file = (stack.node.root as App).synth().getStackByName(stack.stackName).templateFullPath;

/** Returns every action named in a resource, at any depth. */
function actionsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(actionsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "Action" || key === "NotAction" ? [inner as string | string[]].flat() : actionsIn(inner),
  );
}

/** Returns what the embedded cloud reads from a changed template. */
function deploymentOf(change: (template: Template) => void) {
  const template = structuredClone(readTemplate(file));
  change(template);
  const folder = mkdtempSync(join(tmpdir(), "fantail-template-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const changed = join(folder, basename(file));
  writeFileSync(changed, JSON.stringify(template));
  return readDeployment(changed);
}

test("statements outside of roles' policies are exactly the listed ones", () => {
  const holders = new Map<string, string[]>();
  for (const { Type, Properties } of Object.values(readTemplate(file).Resources)) {
    const actions = actionsIn(Properties);
    if (actions.length > 0 && Type !== "AWS::IAM::Policy") holders.set(Type, [...new Set(actions)]);
  }
  expect(Object.fromEntries(holders)).toEqual(
    Object.fromEntries(Object.entries(HOLDERS).map(([type, action]) => [type, [action]])),
  );
});

test("a rule without permission invokes nothing", () => {
  expect(deploymentOf(() => {}).rules).toHaveLength(1);
  const isPermission = (type: string) => type === "AWS::Lambda::Permission";
  expect(() =>
    deploymentOf(({ Resources }) => {
      for (const [id, { Type }] of Object.entries(Resources)) if (isPermission(Type)) delete Resources[id];
    }),
  ).toThrow(/does not let the rule .* invoke function/);
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { App } from "aws-cdk-lib";
import { expect, onTestFinished, test } from "vitest";
import { readDeployment } from "../../client/local/stack/read-deployment.ts";
import { readTemplate, type Template } from "../../client/local/stack/template.ts";
import { aStack } from "../cdk/a-stack.ts";

/**
 * Statements of the template that are not in a role's policy, by the type of what holds them. The embedded cloud has no roles to
 * take on and no TLS, so AWS's documents decide about the first two.
 */
const HOLDERS: Record<string, string> = {
  // Only Lambda may take on the roles: IAM User Guide, "AWS JSON policy elements: Principal".
  "AWS::IAM::Role": "sts:AssumeRole",
  // Nobody reaches blobs without TLS: S3 User Guide, "Bucket policy examples using condition keys", aws:SecureTransport.
  "AWS::S3::BucketPolicy": "s3:*",
  // The rule may invoke the scheduler: shown below.
  "AWS::Lambda::Permission": "lambda:InvokeFunction",
};

const stack = aStack({}, { isValidated: false });
const file = (stack.node.root as App).synth().getStackByName(stack.stackName).templateFullPath;

/** Every action that is named in a resource, however deep. */
function actionsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(actionsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "Action" || key === "NotAction" ? [inner as string | string[]].flat() : actionsIn(inner),
  );
}

/** What the embedded cloud makes of a template that was changed. */
function deploymentOf(change: (template: Template) => void) {
  const template = structuredClone(readTemplate(file));
  change(template);
  const folder = mkdtempSync(join(tmpdir(), "fantail-template-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const changed = join(folder, basename(file));
  writeFileSync(changed, JSON.stringify(template));
  return readDeployment(changed);
}

test("statements are in roles' policies, and where else they are is known", () => {
  const holders = new Map<string, string[]>();
  for (const { Type, Properties } of Object.values(readTemplate(file).Resources)) {
    const actions = actionsIn(Properties);
    if (actions.length > 0 && Type !== "AWS::IAM::Policy") holders.set(Type, [...new Set(actions)]);
  }
  expect(Object.fromEntries(holders)).toEqual(
    Object.fromEntries(Object.entries(HOLDERS).map(([type, action]) => [type, [action]])),
  );
});

test("without its permission the rule invokes nobody", () => {
  expect(deploymentOf(() => {}).rules).toHaveLength(1);
  const isPermission = (type: string) => type === "AWS::Lambda::Permission";
  expect(() =>
    deploymentOf(({ Resources }) => {
      for (const [id, { Type }] of Object.entries(Resources)) if (isPermission(Type)) delete Resources[id];
    }),
  ).toThrow(/does not let the rule .* invoke function/);
});

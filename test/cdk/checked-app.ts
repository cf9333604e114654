import { readFileSync } from "node:fs";
import { App, type Stack, Validations } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import type { TemplateResource } from "./a-stack.ts";

/**
 * Creates an app whose stacks are checked by cdk-nag's rules for AWS solutions. An error in one stack stops the
 * synthesis.
 */
export function checkedApp(): App {
  const context = { "aws:cdk:bundling-stacks": [], "@aws-cdk/core:validateAgainstDefaultRules": true };
  const app = new App({ analyticsReporting: false, context });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

/** Returns the templates of an app's stacks and all findings about them. */
export function synthesized(app: App, stacks: readonly Stack[]): { templates: Template[]; findings: unknown[] } {
  const assembly = app.synth();
  const artifacts = stacks.map(({ artifactId }) => assembly.getStackArtifact(artifactId));
  const report = JSON.parse(readFileSync(`${assembly.directory}/validation-report.json`, "utf8"));
  return {
    templates: artifacts.map(({ template }) => Template.fromJSON(template)),
    findings: [...report.pluginReports, ...artifacts.flatMap(({ messages }) => messages)],
  };
}

/** Returns the resources of a type with their logical ids. */
export function resourcesOf(template: Template, type: string): [string, TemplateResource][] {
  return Object.entries(template.findResources(type)) as [string, TemplateResource][];
}

/**
 * Returns statements about a service in the policies of roles whose logical id starts with `role`, from policies whose
 * id contains `policy`.
 */
export function statementsAbout(template: Template, service: string, role: string, policy = "") {
  return resourcesOf(template, "AWS::IAM::Policy")
    .filter(([id, { Properties }]) => id.includes(policy) && JSON.stringify(Properties.Roles).includes(`"${role}`))
    .flatMap(([, { Properties }]) => (Properties.PolicyDocument as { Statement: { Action: unknown }[] }).Statement)
    .filter(({ Action }) => JSON.stringify(Action).includes(`"${service}:`));
}

import { readFileSync } from "node:fs";
import { App, type Stack, Validations } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import type { TemplateResource } from "./a-stack.ts";

/** An app whose stacks are put to cdk-nag's rules for AWS solutions. What breaks one stops the synthesis. */
export function checkedApp(): App {
  const context = { "aws:cdk:bundling-stacks": [], "@aws-cdk/core:validateAgainstDefaultRules": true };
  const app = new App({ analyticsReporting: false, context });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

/** The templates of an app's stacks, and whatever anybody had to say of them. */
export function synthesized(app: App, stacks: readonly Stack[]): { templates: Template[]; findings: unknown[] } {
  const assembly = app.synth();
  const artifacts = stacks.map(({ artifactId }) => assembly.getStackArtifact(artifactId));
  const report = JSON.parse(readFileSync(`${assembly.directory}/validation-report.json`, "utf8"));
  return {
    templates: artifacts.map(({ template }) => Template.fromJSON(template)),
    findings: [...report.pluginReports, ...artifacts.flatMap(({ messages }) => messages)],
  };
}

/** Resources of a type, with their logical ids. */
export function resourcesOf(template: Template, type: string): [string, TemplateResource][] {
  return Object.entries(template.findResources(type)) as [string, TemplateResource][];
}

/** Statements about a service in policies of the role whose logical id begins so, and in which `policy` is part of theirs. */
export function statementsAbout(template: Template, service: string, role: string, policy = "") {
  return resourcesOf(template, "AWS::IAM::Policy")
    .filter(([id, { Properties }]) => id.includes(policy) && JSON.stringify(Properties.Roles).includes(`"${role}`))
    .flatMap(([, { Properties }]) => (Properties.PolicyDocument as { Statement: { Action: unknown }[] }).Statement)
    .filter(({ Action }) => JSON.stringify(Action).includes(`"${service}:`));
}
